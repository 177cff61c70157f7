"""Arguments of searching the web and of reading pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pisovereign.actions.types import ReadPage, SearchWeb
from pisovereign.parsing.partial_commands import ArgumentReader, PartialCommand, Source


def _searched(source: Source) -> PartialCommand:
    return PartialCommand(SearchWeb, {"query": source.said("query")}, ("query",))


def _read(summary: bool, source: Source) -> PartialCommand:
    return PartialCommand(ReadPage, {"url": source.said("url"), "summary": summary}, ("url",))


WEB_READERS: Mapping[str, ArgumentReader] = {
    "web_search": _searched,
    "page_read": partial(_read, False),
    "page_summary": partial(_read, True),
}
