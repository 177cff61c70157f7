"""What people say, read for one user."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.catalog.types import CatalogCommand
from pisovereign.parsing.confidence import BY_EXAMPLE
from pisovereign.parsing.nearest import NearestExample
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.proposal import Proposer
from pisovereign.parsing.reader import Reader
from pisovereign.parsing.types import CatalogEntry, Parsed, Reading
from pisovereign.parsing.utterance import LONGEST_REQUEST

_MOST_COMMANDS = 1_000


class Catalog(Protocol):
    """Where system commands are."""

    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[CatalogCommand], int]:
        """The commands that a user sees."""
        ...


class ParseService:
    """Reads commands: by rules, then by the nearest example, then, if asked to, by the model.

    Args:
        parser: the rules.
        nearest: the examples.
        proposer: the model.
        catalog: the system commands that there are.
        zone: the zone in which times are meant.
    """

    def __init__(
        self,
        parser: Parser,
        nearest: NearestExample,
        proposer: Proposer,
        catalog: Catalog,
        zone: ZoneInfo,
    ) -> None:
        self._parser = parser
        self._nearest = nearest
        self._proposer = proposer
        self._catalog = catalog
        self._zone = zone

    async def parse(self, user: UUID, text: str, *, allow_model: bool = False) -> Parsed:
        """The command that `text` is now, if it is one."""
        now = dt.datetime.now(dt.UTC)
        parsed = await self._by_rules(user, text, now)
        if parsed.parsed:
            return parsed
        if near := await self._near(user, text, now):
            return near
        if allow_model and len(text) <= LONGEST_REQUEST:
            proposed = await self._proposer.propose(user, text)
            if proposed is not None:
                return self._parser.proposed(text, now, self._zone, proposed) or parsed
        return parsed

    async def parse_clear(self, user: UUID, text: str) -> Parsed:
        """The same by rules alone, for who wants to have it at once and for sure."""
        return await self._by_rules(user, text, dt.datetime.now(dt.UTC))

    async def reader(self, user: UUID) -> Reader:
        """Reads several texts of a user, all at this moment, by rules alone."""
        entries = await self._entries(user)
        return Reader(self._parser, dt.datetime.now(dt.UTC), self._zone, entries)

    async def close(self) -> None:
        """End what goes on in the background."""
        await self._nearest.close()

    async def _by_rules(self, user: UUID, text: str, now: dt.datetime) -> Parsed:
        entries = await self._entries(user) if self._parser.needs_catalog(text) else []
        return self._parser.parse(text, now, self._zone, entries)

    async def _near(self, user: UUID, text: str, now: dt.datetime) -> Parsed | None:
        question = self._parser.question(text, now, self._zone)
        name = await self._nearest.find(user, question) if question else None
        if question is None or name is None:
            return None
        catalog = {entry.id: entry for entry in await self._entries(user)}
        command = question.command(name, catalog)
        return self._parser.parsed(Reading(command, BY_EXAMPLE), catalog) if command else None

    async def _entries(self, user: UUID) -> list[CatalogEntry]:
        commands, _ = await self._catalog.page(user, _MOST_COMMANDS, 0)
        return [
            CatalogEntry(c.id, c.name, c.requires_approval, tuple(a.name for a in c.arguments))
            for c in commands
        ]
