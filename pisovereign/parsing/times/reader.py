"""Finds phrases about time in a sentence, and says what each stands for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from pisovereign.parsing.times import clock_rules, day_rules
from pisovereign.parsing.times.clock import ClockReader
from pisovereign.parsing.times.context import Context
from pisovereign.parsing.times.dates import DateReader
from pisovereign.parsing.times.groups import Groups, groups_of, unnamed
from pisovereign.parsing.times.language import TimeLanguage
from pisovereign.parsing.times.length import LengthReader
from pisovereign.parsing.times.pieces import (
    Clock,
    Day,
    Found,
    Instant,
    Offset,
    Part,
    Piece,
    Span,
    Unreadable,
    pieces_of,
)

_Rule = Callable[[Context, Groups], tuple[Piece, ...]]
# A request has a few; reading a date takes its time, and a message may be made of them.
_MOST_PHRASES = 6
_UNREADABLE = (Unreadable(),)
_BEFORE, _AFTER = r"(?<![\w:/+.-])", r"(?:'s)?(?!\w|[:.,]\d)"
_RULES: Mapping[str, _Rule] = {
    rule.__name__: rule
    for rule in (
        clock_rules.instant, clock_rules.repeated, clock_rules.past, clock_rules.offset,
        day_rules.ahead, clock_rules.span, clock_rules.whole, clock_rules.length,
        day_rules.relative, clock_rules.tonight, clock_rules.this_part, day_rules.period,
        day_rules.weekday, day_rules.dates, day_rules.date, day_rules.holiday,
        day_rules.day_of_month, clock_rules.clock, clock_rules.no_clock, clock_rules.part,
    )
}  # fmt: skip


class TimeReader:
    """Reads the times of one language."""

    def __init__(self, language: TimeLanguage) -> None:
        self._language = language
        self._lengths = LengthReader(language)
        self._clocks = ClockReader(language, self._lengths)
        self._dates = DateReader(language.name)
        self._rules = {
            name: re.compile(f"(?:{rule}){_AFTER}") for name, rule in language.rules.items()
        }
        branches = "|".join(f"(?P<{name}>{unnamed(rule)})" for name, rule in language.rules.items())
        self._any = re.compile(f"{_BEFORE}(?:{branches}){_AFTER}")

    def find(self, plain: str, now: dt.datetime, zone: ZoneInfo) -> list[Found]:
        """Every phrase about time in a sentence that is in small letters.

        `now` is the local time. With a phrase that stands for nothing (31 February), or with more
        phrases than a request has, the whole sentence is `Unreadable`.
        """
        context = Context(
            self._language, self._clocks, self._lengths, self._dates, now.date(), zone
        )
        found: list[Found] = []
        for place in self._any.finditer(plain):
            pieces = self._read(context, plain, place)
            if _is_loose(pieces) and not _follows_day(found, plain, place.start()):
                continue
            found.append(Found(pieces, *place.span()))
            if _is_no_time(pieces) or len(found) > _MOST_PHRASES:
                return [Found(_UNREADABLE, 0, len(plain))]
        times = [phrase for phrase in found if not isinstance(phrase.pieces[0], Unreadable)]
        if len(times) < len(found) and not _is_timed(times):
            return [Found(_UNREADABLE, 0, len(plain))]
        return times

    def _read(self, context: Context, plain: str, place: re.Match[str]) -> tuple[Piece, ...]:
        name = place.lastgroup or ""
        match = self._rules[name].match(plain, place.start())
        pieces = _RULES[name](context, groups_of(match)) if match else ()
        return pieces or _UNREADABLE


def _is_loose(pieces: tuple[Piece, ...]) -> bool:
    return isinstance(pieces[0], Part | Span | Unreadable) and pieces[0].loose


def _is_no_time(pieces: tuple[Piece, ...]) -> bool:
    return isinstance(pieces[0], Unreadable) and not pieces[0].weak


def _is_timed(found: list[Found]) -> bool:
    return any(isinstance(piece, Clock | Span | Offset | Instant) for piece in pieces_of(found))


def _follows_day(found: list[Found], plain: str, start: int) -> bool:
    """Whether a day or its part stands right before: "tomorrow morning", not "morning run"."""
    if not found:
        return False
    last = found[-1]
    between = plain[last.end : start].strip(" ,")
    return not between and any(isinstance(p, Day | Part) for p in last.pieces)
