"""Requests with a piece of a model, and their answers."""

from __future__ import annotations

from typing import Annotated, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.models.gguf.description import Description
from pisovereign.models.staging import Wish
from pisovereign.models.upload import Received

ModelId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class UploadQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which file a piece belongs to, and where in it."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    size: Annotated[int, Meta(ge=1, le=1 << 38)]
    offset: Annotated[int, Meta(ge=0, le=1 << 38)] = 0
    sha256: Sha256 | UnsetType = UNSET
    id: ModelId | UnsetType = UNSET

    @property
    def wish(self) -> Wish:
        """Return what the file should be."""
        return Wish(self.sha256 or "", self.id or "")


class UploadState(msgspec.Struct, frozen=True):
    """The state of an upload after a piece.

    Attributes:
        held: how many bytes are there.
        model: the id of the model that they have become; null: not yet.
        found: what it is, and the memory that it takes; null: not known yet.
    """

    held: int
    model: str | None
    found: Description | None

    @classmethod
    def of(cls, received: Received) -> Self:
        """Return the answer for a piece that was taken."""
        model = received.model.id if received.model else None
        return cls(received.held, model, received.found)
