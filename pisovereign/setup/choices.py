"""Which models the memory of this device is good for."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import psutil

from pisovereign.models.manifest import Model
from pisovereign.models.store import ModelStore
from pisovereign.setup.types import ModelChoice

# What a model takes beside its weights, and what everything else takes.
_WEIGHTS = 1.2
_REST_BYTES = 700_000_000


def memory_bytes() -> int:
    """The memory of this device."""
    return int(psutil.virtual_memory().total)


def free_bytes(folder: Path) -> int:
    """Free space where models are kept."""
    return shutil.disk_usage(folder).free


def size_of(model: Model) -> int:
    """The bytes of a model's files."""
    return sum(file.size for file in model.files)


def choices(store: ModelStore, memory: int, on_media: Collection[str]) -> list[ModelChoice]:
    """Every chat model; the largest one that fits is recommended."""
    models = store.manifest.of_kind("chat")
    fitting = [model for model in models if _needs(model) <= memory]
    best = max(fitting, key=size_of, default=None)
    return [
        ModelChoice(
            id=model.id,
            name=model.name,
            parameters=model.parameters,
            size=size_of(model),
            license=model.license,
            fits=model in fitting,
            recommended=model is best,
            state=str(store.state(model)),
            on_media=model.id in on_media,
        )
        for model in models
    ]


def _needs(model: Model) -> float:
    return _WEIGHTS * size_of(model) + _REST_BYTES
