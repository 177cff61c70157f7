"""Requests for a reminder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.actions.types import CreateReminder
from pisovereign.parsing.confidence import BY_RULE, DOUBTFUL, UNTIMED
from pisovereign.parsing.hints import Hints
from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.times.pieces import (
    Clock,
    Day,
    Found,
    Instant,
    Length,
    Offset,
    Part,
    Piece,
    Span,
    pieces_of,
)
from pisovereign.parsing.times.when import Moment, reminder_time
from pisovereign.parsing.titles import Remainder, Titles
from pisovereign.parsing.types import Reading
from pisovereign.parsing.utterance import Utterance

_LONGEST_TITLE = 250
_TIMED = (Clock, Offset, Part, Span, Instant)
_BETWEEN = " ,"


class _Parts(NamedTuple):
    """Phrases before what to be reminded of, where that begins and ends, and phrases in it."""

    lead: list[Found]
    start: int
    end: int
    inner: list[Found]
    is_noun: bool


class ReminderRules:
    """The rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
        words = phrases.reminders
        self._forms = tuple(re.compile(form) for form in words.forms)
        self._fixed = tuple(re.compile(form) for form in words.fixed)
        self._nouns = re.compile(rf"(?:{words.about})[\s,]*")
        self._clauses = re.compile(rf"(?:{words.to})[\s,]*")
        self._filler = re.compile(rf"(?:{words.filler})(?=[\s,]|$)")
        self._refused = re.compile(words.refused)
        self._second = re.compile(words.second)
        self._listed = re.compile(words.listed)
        self._conditional = re.compile(words.conditional)
        self._harmless = re.compile(words.harmless)
        self._tidy = tuple((re.compile(old, re.IGNORECASE), new) for old, new in words.tidy)
        self._titles = Titles(phrases)
        self._hints = Hints(phrases)

    def read(self, said: Utterance, found: Sequence[Found], at: Moment) -> Reading | None:
        """The reminder, if one is asked for and a time is said."""
        if said.asks and not said.polite:
            return None
        for form in self._fixed:
            if match := form.fullmatch(said.plain):
                title = said.text[slice(*match.span("title"))]
                left = Remainder.of(said.text, said.plain, *match.span("left"))
                for phrase in found:
                    left = left.without(phrase.start, phrase.end)
                if any(not self._filler.fullmatch(w) for w in left.joined().lower().split()):
                    return None
                phrases = [_from_now(phrase) for phrase in found]
                return self._reading(said, self._polished(title), phrases, at)
        for form in self._forms:
            if match := form.fullmatch(said.plain):
                reading = self._of(said, match, found, at)
                if reading is not None:
                    return reading
        return None

    def _of(
        self, said: Utterance, match: re.Match[str], found: Sequence[Found], at: Moment
    ) -> Reading | None:
        parts = self._parts(said.plain, match, found)
        if parts is None or self._depends(said.plain[parts.start : parts.end]):
            return None
        if self._goes_on(said, parts):
            return None
        taken = _taken(parts, said.plain)
        left = Remainder.of(said.text, said.plain, parts.start, parts.end)
        for phrase in taken:
            if phrase.start >= parts.start:
                left = left.without(phrase.start, phrase.end)
        title = self._titles.tidy(left.text, articles=parts.is_noun, ends=False)
        return self._reading(said, self._polished(title), taken, at)

    def _parts(self, plain: str, match: re.Match[str], found: Sequence[Found]) -> _Parts | None:
        """Takes the sentence apart; None if it has a word that does not belong there."""
        lead: list[Found] = []
        if "before" in match.re.groupindex and match["before"]:
            at = self._skip(plain, *match.span("before"), found, lead)
            if at < match.end("before"):
                return None
        start, end = match.span("rest")
        start = self._skip(plain, start, end, found, lead)
        noun = self._nouns.match(plain, start, end)
        marker = noun or self._clauses.match(plain, start, end)
        if marker:
            start = self._skip(plain, marker.end(), end, found, lead)
        if start >= end or ((noun or not marker) and self._refused.search(plain, start, end)):
            return None
        inner = [f for f in found if f.start >= start and f.end <= end]
        return _Parts(lead, start, end, inner, noun is not None)

    def _skip(
        self, plain: str, start: int, end: int, found: Sequence[Found], lead: list[Found]
    ) -> int:
        """Where something begins that is neither about time nor a filler; times go to `lead`."""
        while start < end:
            phrase = next((f for f in found if f.start <= start < f.end), None)
            if plain[start] in _BETWEEN:
                start += 1
            elif phrase is not None:
                lead.append(phrase)
                start = phrase.end
            elif filler := self._filler.match(plain, start, end):
                start = filler.end()
            else:
                break
        return start

    def _depends(self, content: str) -> bool:
        """Whether the reminder is wanted only if something happens."""
        match = self._conditional.search(content)
        return match is not None and not self._harmless.search(content[: match.start()])

    def _goes_on(self, said: Utterance, parts: _Parts) -> bool:
        """Whether a second reminder begins where the title of this one would go on."""
        left = Remainder.of(said.text, said.plain, parts.start, parts.end)
        for phrase in parts.inner:
            left = left.without(phrase.start, phrase.end)
        content = left.plain[parts.start : parts.end]
        if self._second.search(content):
            return True
        return bool(parts.lead and self._listed.search(content))

    def _polished(self, title: str) -> str:
        for old, new in self._tidy:
            title = old.sub(new, title)
        return title

    def _reading(
        self, said: Utterance, title: str, taken: Sequence[Found], at: Moment
    ) -> Reading | None:
        pieces = pieces_of(taken)
        when = reminder_time(pieces, at, self._hints.of(said.plain))
        if when is None or when.past or not title or len(title) > _LONGEST_TITLE:
            return None
        certainty = BY_RULE - DOUBTFUL * when.doubtful - UNTIMED * (not when.timed)
        return Reading(CreateReminder(title=title, remind_at=when.start), certainty)


def _taken(parts: _Parts, plain: str) -> list[Found]:
    """The phrases that say when to remind; others belong to what to be reminded of."""
    if any(isinstance(piece, _TIMED) for piece in pieces_of(parts.lead)):
        return parts.lead
    tail = _tail(parts, plain)
    if not parts.lead:
        return tail or (parts.inner if len(parts.inner) == 1 else [])
    return parts.lead + (tail if _only_time(pieces_of(tail)) else [])


def _from_now(phrase: Found) -> Found:
    """A timer for ten minutes ends in ten minutes."""
    pieces = tuple(
        Offset(p.minutes) if isinstance(p, Length) and p.minutes else p for p in phrase.pieces
    )
    return phrase._replace(pieces=pieces)


def _tail(parts: _Parts, plain: str) -> list[Found]:
    """The phrases at the end, with nothing between them."""
    tail: list[Found] = []
    end = parts.end
    for phrase in reversed(parts.inner):
        if plain[phrase.end : end].strip(" ,.!?"):
            break
        tail.insert(0, phrase)
        end = phrase.start
    return tail


def _only_time(pieces: Sequence[Piece]) -> bool:
    return any(isinstance(p, _TIMED) for p in pieces) and not any(
        isinstance(p, Day) for p in pieces
    )
