"""Requests for an event in the calendar."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.actions.types import CreateCalendarEvent
from pisovereign.languages.sentences import MASK
from pisovereign.parsing.confidence import (
    BY_RULE,
    DOUBTFUL,
    LONG_TITLE,
    PAST,
    UNTIMED,
)
from pisovereign.parsing.hints import Hints
from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.times.pieces import Clock, Day, Found, Piece, Span, pieces_of
from pisovereign.parsing.times.when import Moment, When, event_time
from pisovereign.parsing.titles import Remainder, Titles
from pisovereign.parsing.types import Reading
from pisovereign.parsing.utterance import Utterance

_LONGEST_TITLE, _LONGEST_PLACE = 120, 100


class EventRules:
    """The rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
        words = phrases.events
        self._clear = tuple(re.compile(form) for form in words.clear)
        self._vague = tuple(re.compile(form) for form in words.vague)
        self._timed = tuple(re.compile(form) for form in words.timed)
        self._heads = re.compile(words.heads)
        self._nouns = re.compile(words.nouns)
        self._prepositions = re.compile(words.prepositions)
        self._generic = re.compile(rf"(?:{words.generic})\b[\s:,]*")
        self._goes_on = re.compile(words.goes_on)
        self._calendar = re.compile(words.calendar)
        self._named = re.compile(words.named)
        self._place = re.compile(words.place)
        self._no_place = re.compile(words.no_place)
        self._refused = re.compile(words.refused)
        self._titles = Titles(phrases)
        self._hints = Hints(phrases)

    def read(self, said: Utterance, found: Sequence[Found], at: Moment) -> Reading | None:
        """The event, if one is asked for and a time is said."""
        if said.asks and not said.polite:
            return None
        rest = self._rest(said, found)
        if rest is None:
            return None
        within = [f for f in found if f.start >= rest[0] and f.end <= rest[1]]
        pieces = pieces_of(within)
        when = event_time(pieces, at, self._hints.of(said.plain))
        if when is None:
            return None
        left = Remainder.of(said.text, said.plain, *rest)
        for phrase in within:
            left = left.without(phrase.start, phrase.end)
        for match in self._calendar.finditer(left.plain):
            left = left.without(match.start(), match.end())
        if self._refused.search(left.plain):
            return None
        title, place = self._title_and_place(left)
        if not title or len(title) > _LONGEST_TITLE or len(place) > _LONGEST_PLACE:
            return None
        command = CreateCalendarEvent(
            title=title, start=when.start, end=when.end, location=place or None
        )
        return Reading(command, _certainty(when, title))

    def _rest(self, said: Utterance, found: Sequence[Found]) -> tuple[int, int] | None:
        """Where what was asked for stands."""
        for form in self._clear:
            if match := form.fullmatch(said.plain):
                return match.span("rest")
        for form in self._vague:
            match = form.fullmatch(said.plain)
            if match and self._is_event(said, found, *match.span("rest")):
                return match.span("rest")
        for form in self._timed:
            if (match := form.fullmatch(said.plain)) and _is_timed(pieces_of(found)):
                return match.span("rest")
        return self._after_head(said.plain, found)

    def _after_head(self, plain: str, found: Sequence[Found]) -> tuple[int, int] | None:
        """Where time and title stand, if there are a noun, nothing but the time, and a colon."""
        head = self._heads.match(plain)
        if head is None:
            return None
        end = head.end()
        for phrase in found:
            if plain[end : phrase.start].strip(" ,"):
                break
            end = phrase.end
        within = [phrase for phrase in found if phrase.end <= end]
        timed = any(isinstance(piece, Clock | Span) for piece in pieces_of(within))
        return (head.end(), len(plain)) if timed and plain[end:].startswith(":") else None

    def _is_event(self, said: Utterance, found: Sequence[Found], start: int, end: int) -> bool:
        """Whether a noun says that it is one, or the calendar is named."""
        left = Remainder.of(said.text, said.plain, start, end)
        for phrase in found:
            left = left.without(phrase.start, phrase.end)
        if self._calendar.search(left.plain):
            return True
        preposition = self._prepositions.search(left.plain)
        wanted = left.plain[: preposition.start()] if preposition else left.plain
        return bool(self._nouns.search(wanted))

    def _title_and_place(self, left: Remainder) -> tuple[str, str]:
        place = ""
        for match in self._place.finditer(left.plain):
            inside = match["place"]
            if inside.strip() and not self._no_place.match(inside) and MASK not in inside:
                place = self._titles.tidy(left.text[slice(*match.span("place"))])
                left = left.without(match.start(), match.end())
                break
        if quoted := left.quoted():
            return quoted, place
        if named := self._named.search(left.plain):
            return self._titles.tidy(left.text[slice(*named.span("title"))]), place
        return self._specific(self._titles.tidy(left.joined())), place

    def _specific(self, title: str) -> str:
        """Without the word "event" before what it is."""
        generic = self._generic.match(title.lower())
        if generic is None or generic.end() >= len(title):
            return title
        rest = title[generic.end() :]
        return title if self._goes_on.match(rest.lower()) else self._titles.tidy(rest)


def _is_timed(pieces: Sequence[Piece]) -> bool:
    return any(isinstance(p, Day) for p in pieces) and any(
        isinstance(p, Clock | Span) for p in pieces
    )


def _certainty(when: When, title: str) -> float:
    certainty = BY_RULE
    if when.doubtful:
        certainty -= DOUBTFUL
    if not when.timed:
        certainty -= UNTIMED
    if when.past:
        certainty -= PAST
    if len(title.split()) > 6:
        certainty -= LONG_TITLE
    return certainty
