"""Parameters that are read one by one, as structs: only for their description."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.asgi.media import LARGEST_OFFSET


class Page(msgspec.Struct, frozen=True):
    """A part of a list."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=LARGEST_OFFSET)] = 0


class Confirmation(msgspec.Struct, frozen=True):
    """Deleting everything has to be meant."""

    confirm: Literal["all"]
