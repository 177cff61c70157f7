"""Commands for things that were shown: taking them away, and moving them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast, get_args

import msgspec

from pisovereign.actions import types
from pisovereign.actions.intent import Thing
from pisovereign.actions.registry import COMMANDS, spec_of
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.types import Command
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.targets import items_in
from pisovereign.dialogue.types import Done, Item

_TIMES = ("remind_at", "start", "at")
_EVENT = dt.timedelta(hours=1)  # as long as one is whose end nobody has said


class ThingCommands(NamedTuple):
    """The commands for a kind of things.

    Attributes:
        remove: What takes one away.
        move: What puts it to another time; None: nothing does.
    """

    remove: ActionSpec
    move: ActionSpec | None


def _commands_of(kind: Thing) -> ThingCommands:
    move = next((spec for spec in COMMANDS if kind in spec.handling.moves), None)
    return ThingCommands(next(spec for spec in COMMANDS if kind in spec.handling.removes), move)


_BY_KIND: Mapping[str, ThingCommands] = {kind: _commands_of(kind) for kind in get_args(Thing)}
REMOVING = frozenset(
    spec.type for spec in COMMANDS if spec.handling.removes or spec.type is types.RemoveFromList
)


def made_by(command: Command, result: object) -> tuple[Item, ...]:
    """Return the thing that a command made or changed, by the result that its approval keeps."""
    kind = spec_of(command).handling.makes
    if kind is None or not isinstance(result, dict):
        return ()
    inner = next((value for value in result.values() if isinstance(value, dict)), {})
    for fields in (result, inner):
        at = next((fields[name] for name in _TIMES if isinstance(fields.get(name), str)), None)
        if isinstance(fields.get("title"), str):
            moment = None if at is None else dt.datetime.fromisoformat(at)
            return (Item(kind=kind, id=fields.get("id"), title=fields["title"], at=moment),)
    return ()


def choices_of(command: Command, result: object) -> tuple[Item, ...]:
    """Return the things that a command asks to choose from; they are of the kind it is about."""
    handling = spec_of(command).handling
    kind = next(iter(handling.removes or handling.moves), None)
    items = items_in(result)
    return items if kind is None else tuple(msgspec.structs.replace(i, kind=kind) for i in items)


def can_name(item: Item) -> bool:
    """Return whether a command can say that this thing is meant."""
    known = _BY_KIND.get(item.kind)
    return known is not None and _named(item, known.remove) is not None


def remover(items: Sequence[Item]) -> type[msgspec.Struct] | None:
    """Return the one type of commands that takes any of these things away; None: there is none."""
    kinds = {known.remove.type for item in items if (known := _BY_KIND.get(item.kind))}
    return kinds.pop() if len(kinds) == 1 and all(map(can_name, items)) else None


def removal(items: Sequence[Item]) -> list[Command]:
    """Return the commands that take things away; empty if any of them cannot be."""
    entries = tuple(item.title for item in items if item.kind == "item")
    if entries:
        only = len(entries) == len(items)
        return [types.RemoveFromList(items=entries, list=items[0].among)] if only else []
    commands = [command for item in items if (command := _removal(item))]
    return commands if len(commands) == len(items) else []


def _removal(item: Item) -> Command | None:
    known = _BY_KIND.get(item.kind)
    return None if known is None else _command(known.remove.type, _named(item, known.remove))


def move(item: Item, reading: Reading) -> Command | None:
    """Return the command that puts a thing to the time that a message says; None: there is none."""
    known = _BY_KIND.get(item.kind)
    if known is None or known.move is None or item.at is None:
        return None
    slots, when = known.move.slots, reading.when
    assert slots.moment is not None
    if when.is_length:
        moved = _by_length(item.at, slots.end, reading)
    else:
        start = when.moved(item.at)
        moved = None if start is None else {"start": start, "end": when.end(start)}
    named = _named(item, known.move)
    if moved is None or named is None:
        return None
    arguments = {**named, slots.moment: moved["start"]}
    if slots.end is not None and moved.get("end") is not None:
        arguments[slots.end] = moved["end"]
    return _command(known.move.type, arguments)


def one_more(done: Done, reading: Reading) -> Command | None:
    """Return what makes another one, at the time of a message, of what was moved last.

    None: nothing was moved.
    """
    if not isinstance(done.command, types.MoveReminder | types.MoveCalendarEvent):
        return None
    item = done.items[0] if len(done.items) == 1 else None
    if item is None or item.at is None or reading.when.is_length:
        return None
    at = reading.when.moved(item.at)
    if at is None:
        return None
    match item.kind:
        case "reminder":
            return types.CreateReminder(title=item.title, remind_at=at)
        case "alarm":
            return types.SetAlarm(at=at)
        case "event":
            end = reading.when.end(at) or at + _EVENT
            return types.CreateCalendarEvent(title=item.title, start=at, end=end)
        case _:
            return None


def _named(item: Item, spec: ActionSpec) -> dict[str, Any] | None:
    """Return the arguments that say which thing is meant; None: there are none."""
    by, day = spec.handling.by, spec.handling.day
    if item.id is not None and by is not None:
        return {by: item.id}
    return None if day is None else {"about": item.title, day: item.at}


def _command(kind: type[msgspec.Struct], arguments: dict[str, Any] | None) -> Command | None:
    if arguments is None:
        return None
    try:
        found = msgspec.convert({"type": kind.__name__, **arguments}, cast("Any", kind))
    except msgspec.ValidationError:  # a title that is longer than what words may be
        return None
    return cast("Command", found)


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
