"""The things that a message means by "it", "the second one", "the one at nine" or their names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pisovereign.dialogue.lexicon import split
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import MOST_SHOWN, Item

_TITLES = ("title", "subject", "name", "text", "label", "item")
_TIMES = ("remind_at", "start", "at")
KINDS = ("reminder", "alarm", "timer", "event", "item")
"""The kinds of things that something can be done with."""
_LEAST_LETTERS = 3


def items_in(result: object) -> tuple[Item, ...]:
    """Return the things that a result shows, in its order: a list of them, or the only one."""
    if not isinstance(result, msgspec.Struct):
        return ()
    fields = msgspec.structs.asdict(result)
    among = _list_name(fields)
    for value in fields.values():
        if isinstance(value, list | tuple) and value:
            found = [item for one in value[:MOST_SHOWN] if (item := _item(one, among))]
            if found:
                return tuple(found)
    for value in fields.values():
        if found_within := items_in(value):
            return found_within
    single = _item(result, None)
    return () if single is None else (single,)


def _list_name(fields: Mapping[str, Any]) -> str | None:
    """Return the name of the list that a result, or a list itself, is about."""
    name = getattr(fields.get("list"), "name", fields.get("name"))
    return name if isinstance(name, str) else None


def _item(value: object, among: str | None) -> Item | None:
    if isinstance(value, str):
        # Entries of a list are known by their words, and by the list that they are on.
        return Item(kind="item", title=value, among=among)
    if not isinstance(value, msgspec.Struct):
        return None
    fields = msgspec.structs.asdict(value)
    title = next((fields[name] for name in _TITLES if isinstance(fields.get(name), str)), None)
    if title is None:
        return None
    at = next((fields[name] for name in _TIMES if isinstance(fields.get(name), dt.datetime)), None)
    identifier = fields.get("id")
    return Item(
        kind=_kind(value, fields),
        id=None if identifier is None else str(identifier),
        title=title,
        at=at,
        among=among,
    )


def _kind(value: msgspec.Struct, fields: Mapping[str, Any]) -> str:
    """Return the kind of a thing: what it says itself, or what its struct is called."""
    kind = fields.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        return kind
    name = type(value).__name__.lower()
    return next((known for known in KINDS if known in name), name)


def meant(reading: Reading, shown: Sequence[Item]) -> list[Item] | None:
    """Return the things that a message names among those that were shown; None: it names none."""
    if reading.content and reading.has("all", "both", "ordinal"):
        shown = _titled(reading.content, shown)
    if reading.has("all"):
        return list(shown)
    if reading.has("both"):
        return list(shown) if len(shown) == 2 else []
    if reading.ordinals:
        return [item for at in reading.ordinals for item in _at(shown, at)]
    if not reading.content and reading.things and not reading.has("pronoun"):
        return [item for item in shown if item.kind in reading.things]
    if reading.content:
        return _titled(reading.content, shown)
    return None


def numbered(reading: Reading, shown: Sequence[Item]) -> list[Item]:
    """Return the thing that a bare number names: "2", "number two"."""
    if reading.number is None:
        return []
    if reading.number.isdigit():
        return _at(shown, int(reading.number))
    return [
        item for at in range(1, len(shown) + 1) if _says(reading, at) for item in _at(shown, at)
    ]


def timed(reading: Reading, shown: Sequence[Item]) -> list[Item]:
    """Return the things at the time that a message names."""
    return [
        item
        for item in shown
        # What is there to choose from has its time in its title.
        if (
            reading.times.fits(item.at)
            if item.at is not None
            else any(clock in item.title for clock in reading.times.clocks)
        )
    ]


def _says(reading: Reading, number: int) -> bool:
    hours = dt.datetime.combine(dt.date(2000, 1, 1), dt.time(number % 24), dt.UTC)
    return reading.clock.shows(hours.time())


def _at(shown: Sequence[Item], number: int) -> list[Item]:
    at = number - 1 if number > 0 else len(shown) + number
    return [shown[at]] if 0 <= at < len(shown) else []


def _titled(words: str, shown: Sequence[Item]) -> list[Item]:
    """Return the things whose titles have every word."""
    wanted = {word.text for word in split(words)}
    return [item for item in shown if all(_has(item.title, word) for word in wanted)]


def titles_in(words: str, shown: Sequence[Item]) -> list[Item]:
    """Return the things all words of whose titles are among some words."""
    return [item for item in shown if all(_has(words, own.text) for own in split(item.title))]


def _has(title: str, word: str) -> bool:
    """Return whether a title has a word, or one that begins in the same way: "bin", "bins"."""
    return any(
        own.text == word
        or (min(len(own.text), len(word)) >= _LEAST_LETTERS and _begin(own.text, word))
        for own in split(title)
    )


def _begin(one: str, other: str) -> bool:
    return (one.startswith(other) or other.startswith(one)) and abs(len(one) - len(other)) <= 3
