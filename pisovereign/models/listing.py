"""Every model as people see it: what it is, what it takes, and what is there of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from pisovereign.models.device import Device
from pisovereign.models.manifest import Kind, Model
from pisovereign.models.recommendation import fits, memory_needed, recommend
from pisovereign.models.store import ModelStore

Checksum = Literal["pinned", "recorded", "at first download"]


class ModelListing(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the catalog, or one that was added.

    Attributes:
        size: bytes of its files; about, as long as the checksum is not known.
        languages: codes of those that it knows well; None: many, or nobody says.
        memory: bytes that it takes with one conversation of 4096 tokens; None: a model for
            embeddings, which the rest of the program is counted with.
        fits: whether this device holds it beside all the rest.
        recommended: whether it is the one that this device should have.
        checksum: `pinned` in the catalog or by the owner, `recorded` when the file came, or known
            only `at first download`.
        preinstalled: whether it came with the system of a card, and cannot be deleted.
        state: `absent`, `partial`, `present` (not verified, or changed since) or `verified`.
    """

    id: str
    name: str
    kind: Kind
    parameters: str
    context_length: int
    size: int
    license: str
    languages: tuple[str, ...] | None
    audience: str
    memory: int | None
    fits: bool
    recommended: bool
    default: bool
    smoke_test: bool
    added: bool
    checksum: Checksum
    preinstalled: bool
    state: str


def list_models(store: ModelStore, device: Device) -> list[ModelListing]:
    """Return every model in the order of the catalog, those that were added last."""
    models = store.manifest.models
    best = recommend(models, device)
    return [_listing(store, model, device, recommended=model is best) for model in models]


def _listing(store: ModelStore, model: Model, device: Device, *, recommended: bool) -> ModelListing:
    chat = model.kind == "chat"
    return ModelListing(
        id=model.id,
        name=model.name,
        kind=model.kind,
        parameters=model.parameters,
        context_length=model.context_length,
        size=model.size,
        license=model.license,
        languages=model.languages,
        audience=model.audience,
        memory=memory_needed(model) if chat else None,
        fits=not chat or fits(model, device.memory),
        recommended=recommended,
        default=model.default,
        smoke_test=model.smoke_test,
        added=model.added,
        checksum=_checksum(model),
        preinstalled=store.is_of_the_system(model),
        state=str(store.state(model)),
    )


def _checksum(model: Model) -> Checksum:
    if not model.pinned:
        return "at first download"
    return "recorded" if any(file.recorded for file in model.files) else "pinned"
