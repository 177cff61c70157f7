"""Which arguments of a command a message can give or change, and putting them in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pisovereign.actions.intent import NO_SLOTS, CommandSlots
from pisovereign.actions.registry import spec_of_kind
from pisovereign.actions.types import Command
from pisovereign.dialogue.reading import Reading
from pisovereign.reading.time_fragments import TimeSlots

_NAMES = ("to",)
"""Arguments that are an address, or the name of somebody."""
_MOST_NAMES = 4  # words


def slots_of(command: msgspec.Struct | type[msgspec.Struct]) -> CommandSlots:
    """Return the slots of a command, or of a type of commands."""
    kind = command if isinstance(command, type) else type(command)
    spec = spec_of_kind(kind)
    return NO_SLOTS if spec is None else spec.slots


def changed(command: Command, reading: Reading, now: dt.datetime) -> Command | None:
    """Return a command with everything changed that a message says; None: something does not fit.

    Args:
        command: The command that was given before.
        reading: The message; its `content` is not looked at.
        now: When it was said.
    """
    slots = slots_of(command)
    new: dict[str, Any] = {}
    if not reading.times.is_empty or reading.number is not None:
        times = _time_changes(command, slots, reading, now)
        if times is None:
            return None
        new |= times
    if reading.place is not None:
        if slots.place is None:
            return None
        new[slots.place] = reading.place
    if not new:
        return None
    return msgspec.structs.replace(command, **new)


def _time_changes(
    command: Command, slots: CommandSlots, reading: Reading, now: dt.datetime
) -> dict[str, Any] | None:
    """Return the arguments that the times of a message change; None: they do not fit."""
    when = reading.when
    if not when.is_usable:
        return None
    if slots.amount is not None:
        return _amount(slots.amount, reading)
    if slots.seconds is not None:
        return _seconds(command, slots.seconds, reading)
    if slots.date is not None:
        day = when.date()
        return None if day is None else {slots.date: day}
    if slots.days is not None and slots.day_count is not None:
        days = when.days()
        return None if days is None else {slots.days: days[0], slots.day_count: days[1]}
    if slots.moment is not None:
        return _moment(command, slots, reading)
    return None


def _moment(command: Command, slots: CommandSlots, reading: Reading) -> dict[str, Any] | None:
    when, name = reading.when, slots.moment
    assert name is not None
    old: dt.datetime | None = getattr(command, name)
    if old is None:
        fresh = when.reminder()
        return None if fresh is None else {name: fresh}
    old_end: dt.datetime | None = getattr(command, slots.end) if slots.end else None
    if when.is_length:
        return _length(name, old, slots.end, old_end, reading)
    start = when.moved(old)
    if start is None:
        return None
    new: dict[str, Any] = {name: start}
    if slots.end is not None:
        end = when.end(start)
        if end is not None:
            new[slots.end] = end
        elif old_end is not None:
            new[slots.end] = start + (old_end - old)
    return new


def _length(
    name: str, old: dt.datetime, end_name: str | None, old_end: dt.datetime | None, reading: Reading
) -> dict[str, Any] | None:
    """Return how a length changes a time: by so much, or how long it takes."""
    minutes = reading.when.minutes
    if minutes is None:
        return None
    length = dt.timedelta(minutes=minutes)
    # "Postpone it by an hour" has a direction, as "an hour later" has.
    sign = -1 if reading.has("earlier") else 1 if reading.has("later", "move") else 0
    if sign:
        new: dict[str, Any] = {name: old + sign * length}
        if end_name is not None and old_end is not None:
            new[end_name] = old_end + sign * length
        return new
    return None if end_name is None else {end_name: old + length}


def _seconds(command: Command, name: str, reading: Reading) -> dict[str, Any] | None:
    minutes = _minutes(reading)
    if minutes is None:
        return None
    seconds = round(minutes * 60)
    sign = 1 if reading.has("later") else -1 if reading.has("earlier") else 0
    total = getattr(command, name) + sign * seconds if sign else seconds
    return {name: total} if total > 0 else None


def _amount(name: str, reading: Reading) -> dict[str, Any] | None:
    if reading.number is None or not reading.times.is_empty:
        return None
    try:
        return {name: float(reading.number.replace(",", "."))}
    except ValueError:
        return None


def given(kind: type[msgspec.Struct], missing: tuple[str, ...], reading: Reading) -> dict[str, Any]:
    """Return what a message gives of the arguments that a command lacks.

    Args:
        kind: The struct of the command.
        missing: The names of what it lacks.
        reading: The answer to the question for them.
    """
    slots, when = slots_of(kind), reading.when
    found: dict[str, Any] = {}
    if slots.moment in missing and slots.moment is not None:
        found |= _start(slots, when)
    if slots.seconds in missing and slots.seconds is not None:
        found |= _given_seconds(slots.seconds, reading)
    if slots.date in missing and slots.date is not None and (day := when.date()) is not None:
        found[slots.date] = day
    words = reading.rest
    if not words:
        return found
    if slots.place in missing and slots.place is not None:
        found[slots.place] = reading.place or words
    elif slots.items in missing and slots.items is not None:
        found[slots.items] = reading.items
    elif slots.text in missing and slots.text is not None:
        found[slots.text] = words
    elif slots.list in missing and slots.list is not None:
        found[slots.list] = words
    elif free := [name for name in missing if name not in slots]:
        fits = free[0] not in _NAMES or _may_be_name(words, reading)
        found |= {free[0]: words} if fits else {}
    return found


def _may_be_name(words: str, reading: Reading) -> bool:
    """Return whether words may be an address, or whom one writes to."""
    if "@" in words:
        return " " not in words
    said = reading.has("talk", "thanks", "greeting", "pronoun", "no", "stop", "cancel", "undo")
    return not said and len(words.split()) <= _MOST_NAMES and not any(map(str.isdigit, words))


def _start(slots: CommandSlots, when: TimeSlots) -> dict[str, Any]:
    assert slots.moment is not None
    if slots.end is not None:
        span = when.event()
        return {} if span is None else {slots.moment: span.start, slots.end: span.end}
    start = when.reminder()
    return {} if start is None else {slots.moment: start}


def _given_seconds(name: str, reading: Reading) -> dict[str, Any]:
    minutes = _minutes(reading)
    return {} if not minutes else {name: round(minutes * 60)}


def _minutes(reading: Reading) -> float | None:
    """Return the length that a message names; a bare number is one of minutes."""
    if reading.times.minutes is None and reading.number is not None and reading.number.isdigit():
        return float(reading.number)
    return reading.times.minutes
