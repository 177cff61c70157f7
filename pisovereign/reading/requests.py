"""A request with its times found, from which arguments are read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.languages.patterns import groups_of
from pisovereign.reading.forms import Forms
from pisovereign.reading.patterns import CUT
from pisovereign.reading.times.ambiguity import HourHint, HourHints
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    DayPart,
    Expression,
    Invalid,
    Offset,
    PartOfDay,
    Past,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.finder import TimeFinder
from pisovereign.reading.times.resolution import Moment
from pisovereign.reading.titles import TitleCleaner
from pisovereign.reading.utterance import Utterance

_MOST_HOURS = 2


class Request(NamedTuple):
    """A sentence that may ask for something.

    Attributes:
        utterance: The sentence.
        cut: The sentence, normalized, with `CUT` for each character of its times.
        phrases: Its times, bare hours and the times of what repeats with them.
        times: Its times without these.
        repeat: How often it is to happen again; None: once.
        at: When and where it was said.
        hint: What other words say about times in it.
    """

    utterance: Utterance
    cut: str
    phrases: tuple[TimePhrase, ...]
    times: Sequence[TimePhrase]
    repeat: str | None
    at: Moment
    hint: HourHint

    @property
    def expressions(self) -> list[Expression]:
        """Return what its times stand for."""
        return expressions_of(self.phrases)

    @property
    def is_possible(self) -> bool:
        """Return whether no time in it is over, or none that there is."""
        return not any(isinstance(e, Past | Invalid) for e in self.expressions)

    @property
    def has_clock(self) -> bool:
        """Return whether a time of day is named."""
        timed = (Clock, ClockRange, Offset, PartOfDay)
        return any(isinstance(e, timed) for e in self.expressions)

    def within(self, span: tuple[int, int] | None) -> list[Expression]:
        """Return what the times between two positions stand for."""
        if span is None:
            return []
        start, end = span
        return expressions_of(p for p in self.phrases if p.start >= start and p.end <= end)

    def words(self, span: tuple[int, int]) -> str:
        """Return what was said between two positions, times included."""
        return self.utterance.text[slice(*span)].strip(" ,;:.!?–-\"'“”„«»")


class RequestReader:
    """Finds the times of requests in one language.

    Args:
        finder: Finds times.
        forms: Knows how repeats are said.
        titles: Makes titles of what is left.
        hints: Knows what takes place in the morning, and what in the evening.
    """

    def __init__(
        self, finder: TimeFinder, forms: Forms, titles: TitleCleaner, hints: HourHints
    ) -> None:
        self._finder = finder
        self._forms = forms
        self._titles = titles
        self._hints = hints

    def read(self, utterance: Utterance, at: Moment) -> Request:
        """Return a sentence with its times."""
        normalized, repeat, spans = utterance.normalized, None, []
        parts: list[TimePhrase] = []
        for name, pattern in self._forms.repeats:
            if match := pattern.search(normalized):
                repeat = name
                spans = [match.span()]
                parts = _parts_of(match)
                for taken in _each_of(match):
                    normalized = _blank(normalized, *taken, " ")
                break
        normalized = self._with_hours(normalized)
        found = times = self._finder.find(utterance.normalized, at.local, at.zone)
        if normalized != utterance.normalized:
            found = self._finder.find(normalized, at.local, at.zone)
        phrases = (*parts, *found)
        cut = normalized
        for start, end in [*spans, *((p.start, p.end) for p in phrases)]:
            cut = _blank(cut, start, end, CUT)
        hint = self._hints.of(utterance.normalized)
        return Request(utterance, cut, phrases, times, repeat, at, hint)

    def _with_hours(self, normalized: str) -> str:
        """Return a sentence with "at" before bare numbers that are hours: an alarm "for 7"."""
        signal = self._forms.signal
        if signal("clocked", normalized) is None or signal("hour_range", normalized):
            return normalized
        word = self._forms.words("at")
        for _ in range(_MOST_HOURS):
            found = signal("bare_hour", normalized)
            if found is None or len(word) > len(normalized[slice(*found[1]["word"])]):
                break
            start, end = found[1]["word"]
            normalized = normalized[:start] + word.rjust(end - start) + normalized[end:]
        return normalized

    def clean(self, text: str, *, articles: bool = True) -> str:
        """Return a text without an article at its beginning and loose ends."""
        return self._titles.clean(text, articles=articles)

    def remainder(
        self, request: Request, intent: str, *without: tuple[int, int], timed: bool = True
    ) -> str:
        """Return what is left of a request when its times and its carriers are taken out.

        Args:
            request: The request.
            intent: What it asks for.
            without: Where arguments stand that were read already.
            timed: Whether its times are taken out.
        """
        cut = request.cut if timed else request.utterance.normalized
        for start, end in without:
            cut = _blank(cut, start, end, CUT)
        for carrier in self._forms.carriers(intent):
            left = cut.replace(CUT, " ")
            offset = len(left) - len(left.lstrip())
            if match := carrier.search(left[offset:]):
                cut = _blank(cut, match.start() + offset, match.end() + offset, CUT)
        text = "".join(
            " " if c == CUT else original
            for c, original in zip(cut, request.utterance.text, strict=True)
        )
        return self._titles.clean(text)


def _each_of(match: re.Match[str]) -> list[tuple[int, int]]:
    """Return what only says that something repeats: groups named `each...`, or all of it."""
    named = [name for name, said in match.groupdict().items() if said and name.startswith("each")]
    return [match.span(name) for name in named] or [match.span()]


def _parts_of(match: re.Match[str]) -> list[TimePhrase]:
    """Return the part of the day that a repeat names: "every evening"."""
    named = groups_of(match)
    return [
        TimePhrase((PartOfDay(part),), *match.span()) for part in DayPart if part.value in named
    ]


def _blank(text: str, start: int, end: int, by: str) -> str:
    return text[:start] + by * (end - start) + text[end:]


def duration_of(expressions: list[Expression]) -> dt.timedelta | None:
    """Return how long something takes, or how far away it is; None: nothing says so."""
    for expression in expressions:
        minutes = getattr(expression, "minutes", None)
        if minutes:
            return dt.timedelta(minutes=minutes)
    return None
