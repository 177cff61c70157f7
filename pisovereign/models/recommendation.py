"""Which model is recommended on a device, and which ones fit it: the only place that decides it.

What a model can do counts first, but an answer that nobody waits for is none. One token needs
every weight (of a mixture of experts, some of them) from memory once, so memory's bandwidth tells
the speed beforehand: a Raspberry Pi 5 reads about 10 GB/s.
"""

from __future__ import annotations

from collections.abc import Iterable

from pisovereign.models.device import Device
from pisovereign.models.manifest import Model

# The system, the database, the API and the embedding models.
OTHER_BYTES = 650_000_000
# The kernel wants some of the rest for itself.
_SHARE = 1.1
# What a model without a number takes beside its file.
_UNKNOWN_FACTOR, _UNKNOWN_BYTES = 1.08, 250_000_000
# About as fast as people read.
LEAST_SPEED = 5.0


def memory_needed(model: Model) -> int:
    """Return the bytes that a model takes with one conversation; without a number, about."""
    return model.memory or int(_UNKNOWN_FACTOR * model.size + _UNKNOWN_BYTES)


def fits(model: Model, memory: int) -> bool:
    """Return whether a device with so many bytes of memory holds the model and all the rest."""
    return holds(memory, memory_needed(model))


def holds(memory: int, needed: int) -> bool:
    """Return whether a device with `memory` bytes has `needed` of them for a model."""
    return _SHARE * needed + OTHER_BYTES <= memory


def speed(model: Model, bandwidth: float) -> float:
    """Return the tokens a second that memory allows, which is near to what is reached."""
    return bandwidth / (model.active_bytes or model.size)


def recommend(models: Iterable[Model], device: Device) -> Model | None:
    """Return the chat model that a device should have; None: none fits.

    The preferred one of those that fit and are as fast as people read, or the fastest if none is.
    What only shows that everything works is recommended where nothing else fits.
    """
    fitting = [model for model in models if model.kind == "chat" and fits(model, device.memory)]
    usable = [model for model in fitting if model.preference > 0 and not model.smoke_test]
    if not usable:
        return next((model for model in fitting if model.smoke_test), None)
    if device.bandwidth is None:
        return max(usable, key=lambda model: model.preference)
    bandwidth = device.bandwidth
    quick = [model for model in usable if speed(model, bandwidth) >= LEAST_SPEED]
    if quick:
        return max(quick, key=lambda model: model.preference)
    return max(usable, key=lambda model: speed(model, bandwidth))
