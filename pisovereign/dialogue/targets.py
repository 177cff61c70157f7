"""The things that a message means by "it", "the second one", "the one at nine" or their names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from pisovereign.actions import types
from pisovereign.actions.types import Command
from pisovereign.dialogue.lexicon import split
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.slots import slots_of
from pisovereign.dialogue.types import MOST_SHOWN, Item

_TITLES = ("title", "subject", "name", "text", "label", "item")
_TIMES = ("remind_at", "start", "at")
_LEAST_LETTERS = 3


class Handling(NamedTuple):
    """The commands for a thing, with the argument that names it.

    Attributes:
        remove: What takes it away.
        move: What puts it to another time; None: it has none.
        by: The argument with its id, or with its title where it has no id.
    """

    remove: type[msgspec.Struct]
    move: type[msgspec.Struct] | None
    by: str


_REMINDER = Handling(types.CancelReminders, types.MoveReminder, "reminder_id")
HANDLING: Mapping[str, Handling] = {
    "reminder": _REMINDER,
    "alarm": _REMINDER,
    "timer": _REMINDER,
    "event": Handling(types.DeleteCalendarEvent, types.MoveCalendarEvent, "event_id"),
    "item": Handling(types.RemoveFromList, None, "items"),
}


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


def choices_of(command: Command, result: object) -> tuple[Item, ...]:
    """Return the things that a command asks to choose from; they are of the kind it is about."""
    kinds = (kind for kind, handling in HANDLING.items() if type(command) in handling[:2])
    kind = next(kinds, None)
    items = items_in(result)
    return items if kind is None else tuple(msgspec.structs.replace(i, kind=kind) for i in items)


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
    if isinstance(kind, str) and kind in HANDLING:
        return kind
    name = type(value).__name__.lower()
    return next((known for known in HANDLING if known in name), name)


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


def _has(title: str, word: str) -> bool:
    """Return whether a title has a word, or one that begins in the same way: "bin", "bins"."""
    return any(
        own.text == word
        or (min(len(own.text), len(word)) >= _LEAST_LETTERS and _begin(own.text, word))
        for own in split(title)
    )


def _begin(one: str, other: str) -> bool:
    return (one.startswith(other) or other.startswith(one)) and abs(len(one) - len(other)) <= 3


def removal(items: Sequence[Item]) -> list[Command]:
    """Return the commands that take things away; empty if any of them cannot be."""
    handled = [(item, HANDLING.get(item.kind)) for item in items]
    if any(handling is None for _, handling in handled):
        return []
    entries = [item for item in items if item.kind == "item"]
    if entries:
        titles = tuple(item.title for item in entries)
        return [types.RemoveFromList(items=titles, list=entries[0].among)]
    return [
        msgspec.convert(
            {"type": handling.remove.__name__, handling.by: item.id}, cast("Any", handling.remove)
        )
        for item, handling in handled
        if handling is not None and item.id is not None
    ]


def move(item: Item, reading: Reading) -> Command | None:
    """Return the command that puts a thing to the time that a message says; None: there is none."""
    handling = HANDLING.get(item.kind)
    if handling is None or handling.move is None or item.at is None or item.id is None:
        return None
    slots, when = slots_of(handling.move), reading.when
    assert slots.moment is not None
    arguments: dict[str, Any] = {"type": handling.move.__name__, handling.by: item.id}
    if when.is_length:
        moved = _by_length(item.at, slots.end, reading)
    else:
        start = when.moved(item.at)
        moved = None if start is None else {"start": start, "end": when.end(start)}
    if moved is None:
        return None
    arguments[slots.moment] = moved["start"]
    if slots.end is not None and moved.get("end") is not None:
        arguments[slots.end] = moved["end"]
    return cast("Command", msgspec.convert(arguments, cast("Any", handling.move)))


def _by_length(
    at: dt.datetime, end: str | None, reading: Reading
) -> dict[str, dt.datetime | None] | None:
    length = dt.timedelta(minutes=reading.when.minutes or 0)
    if not length:
        return None
    sign = -1 if reading.has("earlier") else 1 if reading.has("later", "move") else 0
    if sign:
        return {"start": at + sign * length, "end": None}
    return None if end is None else {"start": at, "end": at + length}
