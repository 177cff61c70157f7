"""Types of the routes of model files."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.model_tests.types import Capabilities
from pisovereign.models.listing import ModelListing
from pisovereign.models.upload_types import ModelId, Sha256
from pisovereign.models.work import WorkState


class NewModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model to add: its address, and its checksum and id if they are known."""

    url: Annotated[str, Meta(pattern=r"^https://", max_length=2000)]
    sha256: Sha256 | UnsetType = UNSET
    id: ModelId | UnsetType = UNSET


class ModelEntry(ModelListing, frozen=True, kw_only=True):
    """A model, and what a test has shown that it may do."""

    abilities: Capabilities


class ModelEntries(msgspec.Struct, frozen=True):
    """Every model, and the memory and the free space of this device, in bytes."""

    models: list[ModelEntry]
    memory_bytes: int
    free_bytes: int


class Work(msgspec.Struct, frozen=True):
    """The work that is done to the models, or was last; null: nothing ever was."""

    work: WorkState | None
