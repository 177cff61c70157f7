"""Requests for a calendar event."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.actions.types import CreateCalendarEvent
from pisovereign.languages.sentences import MASK
from pisovereign.parsing.confidence import (
    AMBIGUOUS_TIME,
    BY_RULE,
    IN_THE_PAST,
    LONG_TITLE,
    NO_TIME_OF_DAY,
)
from pisovereign.parsing.types import Interpretation
from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.requests import Request
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Day,
    Expression,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.resolution import ResolvedTime, event_time
from pisovereign.reading.titles import RemainingText, TitleCleaner
from pisovereign.reading.utterance import Utterance

_LONGEST_TITLE, _LONGEST_PLACE = 120, 100


class EventRules:
    """Interprets requests for an event in one language."""

    def __init__(self, patterns: CommandPatterns) -> None:
        words = patterns.events
        self._clear = tuple(re.compile(form) for form in words.clear)
        self._vague = tuple(re.compile(form) for form in words.vague)
        self._timed = tuple(re.compile(form) for form in words.timed)
        self._headings = re.compile(words.headings)
        self._nouns = re.compile(words.nouns)
        self._prepositions = re.compile(words.prepositions)
        self._generic = re.compile(rf"(?:{words.generic})\b[\s:,]*")
        self._continuations = re.compile(words.continuations)
        self._calendar = re.compile(words.calendar)
        self._named = re.compile(words.named)
        self._place = re.compile(words.place)
        self._no_place = re.compile(words.no_place)
        self._excluded = re.compile(words.excluded)
        self._titles = TitleCleaner(patterns)

    def interpret(self, request: Request) -> Interpretation | None:
        """Return the event if one is asked for and a time is given."""
        utterance, times = request.utterance, request.times
        if utterance.is_question and not utterance.is_polite:
            return None
        rest = self._rest(utterance, times)
        if rest is None:
            return None
        within = [f for f in times if f.start >= rest[0] and f.end <= rest[1]]
        when = event_time(expressions_of(within), request.at, request.hint)
        if when is None:
            return None
        left = RemainingText.between(utterance, *rest, within)
        for match in self._calendar.finditer(left.normalized):
            left = left.without(match.start(), match.end())
        if self._excluded.search(left.normalized):
            return None
        title, place = self._title_and_place(left)
        if not title or len(title) > _LONGEST_TITLE or len(place) > _LONGEST_PLACE:
            return None
        command = CreateCalendarEvent(
            title=title, start=when.start, end=when.end, location=place or None
        )
        return Interpretation(command, _confidence(when, title))

    def _rest(self, utterance: Utterance, times: Sequence[TimePhrase]) -> tuple[int, int] | None:
        """Return the span of what is asked for."""
        for form in self._clear:
            if match := form.fullmatch(utterance.normalized):
                return match.span("rest")
        for form in self._vague:
            match = form.fullmatch(utterance.normalized)
            if match and self._is_event(utterance, times, *match.span("rest")):
                return match.span("rest")
        for form in self._timed:
            if (match := form.fullmatch(utterance.normalized)) and _is_timed(expressions_of(times)):
                return match.span("rest")
        return self._after_heading(utterance.normalized, times)

    def _after_heading(
        self, normalized: str, times: Sequence[TimePhrase]
    ) -> tuple[int, int] | None:
        """Return the span of time and title after a noun, nothing but a time, and a colon."""
        heading = self._headings.match(normalized)
        if heading is None:
            return None
        end = heading.end()
        for phrase in times:
            if normalized[end : phrase.start].strip(" ,"):
                break
            end = phrase.end
        within = [phrase for phrase in times if phrase.end <= end]
        timed = any(
            isinstance(expression, Clock | ClockRange) for expression in expressions_of(within)
        )
        return (
            (heading.end(), len(normalized)) if timed and normalized[end:].startswith(":") else None
        )

    def _is_event(
        self, utterance: Utterance, times: Sequence[TimePhrase], start: int, end: int
    ) -> bool:
        """Return whether there is a noun for events, or the calendar is named."""
        left = RemainingText.between(utterance, start, end, times)
        if self._calendar.search(left.normalized):
            return True
        preposition = self._prepositions.search(left.normalized)
        wanted = left.normalized[: preposition.start()] if preposition else left.normalized
        return bool(self._nouns.search(wanted))

    def _title_and_place(self, left: RemainingText) -> tuple[str, str]:
        place = ""
        for match in self._place.finditer(left.normalized):
            inside = match["place"]
            if inside.strip() and not self._no_place.match(inside) and MASK not in inside:
                place = self._titles.clean(left.text[slice(*match.span("place"))])
                left = left.without(match.start(), match.end())
                break
        if quoted := left.quoted():
            return quoted, place
        if named := self._named.search(left.normalized):
            return self._titles.clean(left.text[slice(*named.span("title"))]), place
        return self._specific(self._titles.clean(left.joined())), place

    def _specific(self, title: str) -> str:
        """Return the title without the word "event" before what it is."""
        generic = self._generic.match(title.lower())
        if generic is None or generic.end() >= len(title):
            return title
        rest = title[generic.end() :]
        return title if self._continuations.match(rest.lower()) else self._titles.clean(rest)


def _is_timed(expressions: Sequence[Expression]) -> bool:
    return any(isinstance(p, Day) for p in expressions) and any(
        isinstance(p, Clock | ClockRange) for p in expressions
    )


def _confidence(when: ResolvedTime, title: str) -> float:
    confidence = BY_RULE
    if when.is_ambiguous:
        confidence -= AMBIGUOUS_TIME
    if not when.has_time:
        confidence -= NO_TIME_OF_DAY
    if when.is_past:
        confidence -= IN_THE_PAST
    if len(title.split()) > 6:
        confidence -= LONG_TITLE
    return confidence
