"""Titles of notifications, by what they are about."""

from __future__ import annotations

import functools

from pisovereign.connectors.sending import About
from pisovereign.languages import Language, load_data


def notice_title(language: Language, about: About) -> str:
    """Return what a notification is called, in a few words that tell nothing of its text."""
    return _titles(language)[about]


def test_text(language: Language) -> str:
    """Return what a message says that somebody sends to themselves to try it."""
    return _titles(language)["test_text"]


@functools.cache
def _titles(language: Language) -> dict[str, str]:
    titles: dict[str, str] = load_data(language, "page")["push_notices"]
    return titles
