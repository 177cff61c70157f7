"""What people say, read for one user."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.catalog.types import CatalogCommand
from pisovereign.commands.parsing.parser import Parser
from pisovereign.commands.parsing.types import CatalogEntry, Parsed

_MOST_COMMANDS = 1_000


class Catalog(Protocol):
    """Where system commands are."""

    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[CatalogCommand], int]:
        """The commands that a user sees."""
        ...


class ParseService:
    """Reads commands.

    Args:
        parser: the rules.
        catalog: the system commands that there are.
        zone: the zone in which times are meant.
    """

    def __init__(self, parser: Parser, catalog: Catalog, zone: ZoneInfo) -> None:
        self._parser = parser
        self._catalog = catalog
        self._zone = zone

    async def parse(self, user: UUID, text: str) -> Parsed:
        """The command that `text` is now, if it is one."""
        return (await self.reading(user)).parse(text)

    async def reading(self, user: UUID) -> Reading:
        """Reads several texts of a user at this moment."""
        commands, _ = await self._catalog.page(user, _MOST_COMMANDS, 0)
        entries = [
            CatalogEntry(c.id, c.name, c.requires_approval, tuple(a.name for a in c.arguments))
            for c in commands
        ]
        return Reading(self._parser, dt.datetime.now(dt.UTC), self._zone, entries)


class Reading:
    """The parser for one user at one moment."""

    def __init__(
        self, parser: Parser, now: dt.datetime, zone: ZoneInfo, entries: list[CatalogEntry]
    ) -> None:
        self._parser = parser
        self._now = now
        self._zone = zone
        self._entries = entries

    def parse(self, text: str) -> Parsed:
        """The command that `text` is, if it is one."""
        return self._parser.parse(text, self._now, self._zone, self._entries)

    def time_phrase(self, text: str) -> str | None:
        """The words of a text that say when, if there are any."""
        return self._parser.time_phrase(text, self._now, self._zone)
