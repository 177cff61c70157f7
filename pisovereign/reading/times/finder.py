"""Finding the phrases about time in a sentence, and what each stands for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from pisovereign.languages.patterns import groups_of
from pisovereign.reading.times import rules
from pisovereign.reading.times.clock import AmountParser, ClockParser
from pisovereign.reading.times.dates import DateParser
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Day,
    Expression,
    Instant,
    Invalid,
    Offset,
    PartOfDay,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.patterns import Groups, TimePatterns, unnamed
from pisovereign.reading.times.rules import RuleContext

_Rule = Callable[[RuleContext, Groups], tuple[Expression, ...]]
# A request has a few. Parsing a date takes its time, and a message may consist of them.
_MOST_PHRASES = 6
_INVALID = (Invalid(),)
_BEFORE, _AFTER = r"(?<![\w:/+.-])", r"(?:'s)?(?!\w|[:.,]\d)"
# The first one that matches at a position wins.
_RULES: Mapping[str, _Rule] = {
    rule.__name__: rule
    for rule in (
        rules.instant, rules.repeated, rules.past, rules.offset, rules.ahead, rules.dates,
        rules.span, rules.whole, rules.length, rules.relative, rules.tonight, rules.this_part,
        rules.period, rules.weekday, rules.date, rules.holiday, rules.day_of_month, rules.clock,
        rules.no_clock, rules.part,
    )
}  # fmt: skip


class TimeFinder:
    """Finds phrases about time in one language."""

    def __init__(self, language: TimePatterns) -> None:
        self._language = language
        self._amounts = AmountParser(language)
        self._clocks = ClockParser(language, self._amounts)
        self._dates = DateParser(language.months)
        known = {name: language.rules[name] for name in _RULES if name in language.rules}
        # A sentence needs one or two of them, and all of them take a tenth of a second to compile.
        self._rules: dict[str, re.Pattern[str]] = {}
        branches = "|".join(f"(?P<{name}>{unnamed(rule)})" for name, rule in known.items())
        self._any = re.compile(f"{_BEFORE}(?:{branches}){_AFTER}")

    def find(self, normalized: str, now: dt.datetime, zone: ZoneInfo) -> list[TimePhrase]:
        """Return every phrase about time in a normalized sentence.

        `now` is the local time. With a phrase that stands for nothing (31 February), or with more
        phrases than a request has, the whole sentence is `Invalid`.
        """
        context = RuleContext(
            self._language, self._clocks, self._amounts, self._dates, now.date(), zone
        )
        found: list[TimePhrase] = []
        for place in self._any.finditer(normalized):
            expressions = self._read(context, normalized, place)
            if _is_loose(expressions) and not _follows_day(found, normalized, place.start()):
                continue
            found.append(TimePhrase(expressions, *place.span()))
            if _is_invalid(expressions) or len(found) > _MOST_PHRASES:
                return [TimePhrase(_INVALID, 0, len(normalized))]
        times = [phrase for phrase in found if not isinstance(phrase.expressions[0], Invalid)]
        if len(times) < len(found) and not _is_timed(times):
            return [TimePhrase(_INVALID, 0, len(normalized))]
        return times

    def _read(
        self, context: RuleContext, normalized: str, place: re.Match[str]
    ) -> tuple[Expression, ...]:
        name = place.lastgroup or ""
        match = self._rule(name).match(normalized, place.start())
        expressions = _RULES[name](context, groups_of(match)) if match else ()
        return expressions or _INVALID

    def _rule(self, name: str) -> re.Pattern[str]:
        if name not in self._rules:
            self._rules[name] = re.compile(f"(?:{self._language.rules[name]}){_AFTER}")
        return self._rules[name]


def _is_loose(expressions: tuple[Expression, ...]) -> bool:
    return isinstance(expressions[0], PartOfDay | ClockRange | Invalid) and expressions[0].loose


def _is_invalid(expressions: tuple[Expression, ...]) -> bool:
    return isinstance(expressions[0], Invalid) and not expressions[0].weak


def _is_timed(found: list[TimePhrase]) -> bool:
    return any(
        isinstance(expression, Clock | ClockRange | Offset | Instant)
        for expression in expressions_of(found)
    )


def _follows_day(found: list[TimePhrase], normalized: str, start: int) -> bool:
    """Return whether a day or its part stands right before: "tomorrow morning"."""
    if not found:
        return False
    last = found[-1]
    between = normalized[last.end : start].strip(" ,")
    return not between and any(isinstance(p, Day | PartOfDay) for p in last.expressions)
