"""Waste collections, and the protocol of their source."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID

import msgspec


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which one kind of waste is collected.

    `title` is what the calendar calls it, such as "Paper bin", in one line: others wrote it.
    `start` is in UTC: the beginning of that day where the household is.
    """

    title: str
    start: dt.datetime
    place: str | None = None


class WasteSource(Protocol):
    """The waste collections of the household."""

    async def collections(
        self, user: UUID, start: dt.datetime, end: dt.datetime
    ) -> list[Collection]:
        """Return the collections on days that touch [start, end), in order of time.

        They are known from a week ago until 400 days from now.

        Raises:
            NotConfigured: There is no calendar of them.
            UpstreamError: It cannot be read, and no earlier answer is kept.
        """
        ...
