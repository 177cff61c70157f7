"""Arguments of searching the web and of reading pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pisovereign.actions.types import ReadPage, SearchWeb
from pisovereign.parsing.drafts import ArgumentReader, Draft, Source


def _searched(source: Source) -> Draft:
    return Draft(SearchWeb, {"query": source.said("query")}, ("query",))


def _read(summary: bool, source: Source) -> Draft:
    return Draft(ReadPage, {"url": source.said("url"), "summary": summary}, ("url",))


WEB_READERS: Mapping[str, ArgumentReader] = {
    "web_search": _searched,
    "page_read": partial(_read, False),
    "page_summary": partial(_read, True),
}
