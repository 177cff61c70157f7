"""Concepts that go by several names, in one language or several: `languages/<code>/concepts.toml`.

Vectors tell that "allergic to" and "kein … vertragen" are near each other, but not nearer than much
that has nothing to do with it; and words are not shared at all.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.words import straightened


class _Concept(NamedTuple):
    """The words for something in all languages, and how people begin to tell it in each."""

    name: str
    words: re.Pattern[str]
    phrases: tuple[str, ...]


def concepts_in(text: str) -> frozenset[str]:
    """Return the names of what a text speaks of by one of several names."""
    normalized = straightened(text).casefold()
    return frozenset(each.name for each in _concepts() if each.words.search(normalized))


def without_concepts(text: str) -> str:
    """Return what a text says besides."""
    rest = straightened(text).casefold()
    for each in _concepts():
        rest = each.words.sub(" ", rest)
    return rest


def told_as(names: frozenset[str]) -> str:
    """Return how such things are told in all languages, to search for."""
    return " ".join(
        f"{phrase}." for each in _concepts() if each.name in names for phrase in each.phrases
    )


@cache
def _concepts() -> tuple[_Concept, ...]:
    files = [load_data(code, "concepts") for code in LANGUAGES]
    return tuple(
        _Concept(
            name,
            re.compile("|".join(f"(?:{file[name]['words']})" for file in files)),
            tuple(file[name]["phrase"] for file in files),
        )
        for name in files[0]
    )
