"""The rules of the parser for one user at one moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import CatalogEntry, Parsed


class Reader:
    """Reads several texts that belong together.

    Args:
        parser: The rules.
        now: When they were said.
        zone: Where, which decides what a time of day means.
        entries: The system commands that there are.
    """

    def __init__(
        self, parser: Parser, now: dt.datetime, zone: ZoneInfo, entries: Sequence[CatalogEntry]
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
