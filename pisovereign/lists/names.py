"""Which list is meant by a name.

Some lists have a key, and names in every language: "Einkaufsliste" and "shopping list" are one.
Of other names case, words such as "my", and "list" itself do not count.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import msgspec

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.words import STOP_WORDS, caseless, one_edit_apart, split_words

SHOPPING, TODO = "shopping", "todo"
_SHORTEST_MISSPELLED = 6


class _ListNames(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of `languages/<code>/lists.toml`.

    Attributes:
        words: What a list is called, as a word of its own.
        endings: The same as the end of a word, with what joins it to the rest.
        names: What lists with a key are called, by their key.
    """

    words: tuple[str, ...]
    endings: tuple[str, ...] = ()
    names: dict[str, tuple[str, ...]]


class WantedList(NamedTuple):
    """A list that is named: by its key, or else by the words that count of its name."""

    key: str | None
    words: str


def read_name(name: str) -> WantedList:
    """Return which list is meant by a name."""
    words = _words(name)
    if words in _keys():
        return WantedList(_keys()[words], words)
    # "shoping list": one letter is wrong. A short name is rather another one.
    near = {key for known, key in _keys().items() if _is_misspelled(words, known)}
    return WantedList(near.pop() if len(near) == 1 else None, words)


def is_todo(name: str) -> bool:
    """Return whether a name is one of the list of to-dos, also without the word "list"."""
    return TODO in (read_name(name).key, read_name(name.replace("-", "")).key)


def _is_misspelled(words: str, known: str) -> bool:
    return min(len(words), len(known)) >= _SHORTEST_MISSPELLED and one_edit_apart(words, known)


@functools.cache
def _names(language: str) -> _ListNames:
    return msgspec.convert(load_data(language, "lists"), _ListNames)


@functools.cache
def _keys() -> dict[str, str]:
    return {
        _words(name): key
        for language in LANGUAGES
        for key, names in _names(language).names.items()
        for name in names
    }


@functools.cache
def _list_words() -> frozenset[str]:
    return frozenset(caseless(word) for language in LANGUAGES for word in _names(language).words)


@functools.cache
def _endings() -> tuple[str, ...]:
    found = {caseless(ending) for language in LANGUAGES for ending in _names(language).endings}
    return tuple(sorted(found, key=len, reverse=True))


def _words(name: str) -> str:
    """Return the words that count; all of them if none does, and signs where there are none."""
    words = split_words(name) or [caseless(name).strip()]
    counting = [word for word in words if word not in STOP_WORDS and word not in _list_words()]
    return " ".join(_without_ending(word) for word in counting or words)


def _without_ending(word: str) -> str:
    for ending in _endings():
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending)
    return word
