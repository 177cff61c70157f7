"""Phrases about a time of day, or about how long something takes."""

from __future__ import annotations

import datetime as dt

from pisovereign.parsing.times.context import Context
from pisovereign.parsing.times.dates import FIRST_YEAR, LAST_YEAR
from pisovereign.parsing.times.groups import Groups
from pisovereign.parsing.times.pieces import (
    Clock,
    Day,
    DayKind,
    Instant,
    Length,
    Offset,
    Part,
    PartName,
    Past,
    Piece,
    Repeated,
    Span,
    Unreadable,
)

Pieces = tuple[Piece, ...]


def instant(context: Context, said: Groups) -> Pieces:
    """2026-05-04T08:15+02:00."""
    try:
        at = dt.datetime.fromisoformat(
            f"{said['date']}T{said['time']}{said.get('zone', '').upper()}"
        )
    except ValueError:
        return ()
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return ()
    if at.tzinfo is not None:
        return (Instant(at.astimezone(dt.UTC)),)
    return Day(at.date(), DayKind.FIXED), Clock(at.hour * 60 + at.minute, exact=True)


def repeated(context: Context, said: Groups) -> Pieces:
    """Every Monday."""
    return (Repeated(),)


def past(context: Context, said: Groups) -> Pieces:
    """Two days ago."""
    return (Past(),)


def offset(context: Context, said: Groups) -> Pieces:
    """In twenty minutes."""
    return (Offset(context.lengths.minutes(said["length"])),)


def span(context: Context, said: Groups) -> Pieces:
    """From two to four."""
    first, last = context.clocks.read(said["a"]), context.clocks.read(said["b"])
    return (Span(first, last, loose="loose" in said),) if first and last else ()


def clock(context: Context, said: Groups) -> Pieces:
    """Half past four."""
    read = context.clocks.read(said["clock"])
    return (read,) if read else ()


def no_clock(context: Context, said: Groups) -> Pieces:
    """At 25:00, um 9:75, from 9 to 25."""
    return (Unreadable(loose="loose" in said, weak="weak" in said),)


def part(context: Context, said: Groups) -> Pieces:
    """In the evening."""
    name = said.get("part") or said["loose"]
    return (Part(context.language.parts[name], loose="loose" in said),)


def this_part(context: Context, said: Groups) -> Pieces:
    """This evening."""
    return Day(context.today, DayKind.TODAY), Part(context.language.parts[said["part"]])


def tonight(context: Context, said: Groups) -> Pieces:
    """Tonight."""
    return Day(context.today, DayKind.TODAY), Part(PartName.EVENING)


def whole(context: Context, said: Groups) -> Pieces:
    """All day."""
    return (Length(None),)


def length(context: Context, said: Groups) -> Pieces:
    """For 90 minutes, halbstündig."""
    if "half" in said:
        return (Length(30),)
    if "adj" in said:
        unit = 60 if said["adj"].startswith("st") else 1
        return (Length(context.lengths.number(said["n"]) * unit),)
    return (Length(context.lengths.minutes(said["length"])),)
