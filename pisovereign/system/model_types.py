"""What the routes of model files take and answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.model_tests.types import Capabilities
from pisovereign.models.listing import ModelListing
from pisovereign.models.work import WorkState

_Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class NewModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model to add: its address, and its checksum and id if they are known."""

    url: Annotated[str, Meta(pattern=r"^https://", max_length=2000)]
    sha256: _Sha256 | UnsetType = UNSET
    id: _Id | UnsetType = UNSET


class UploadQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which file a piece belongs to, and where in it."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    size: Annotated[int, Meta(ge=1, le=1 << 38)]
    offset: Annotated[int, Meta(ge=0, le=1 << 38)] = 0
    sha256: _Sha256 | UnsetType = UNSET
    id: _Id | UnsetType = UNSET


class UploadState(msgspec.Struct, frozen=True):
    """How many bytes are there, and the model that they have become; null: not yet."""

    held: int
    model: str | None


class ModelEntry(ModelListing, frozen=True, kw_only=True):
    """A model, and what a test has shown that it may do."""

    abilities: Capabilities


class ModelEntries(msgspec.Struct, frozen=True):
    """Every model, and the memory and the free space of this device, in bytes."""

    models: list[ModelEntry]
    memory_bytes: int
    free_bytes: int


class Work(msgspec.Struct, frozen=True):
    """What is done to the models, or was last; null: nothing ever was."""

    work: WorkState | None
