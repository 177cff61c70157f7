"""Requests for a reminder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.actions.types import CreateReminder
from pisovereign.parsing.confidence import AMBIGUOUS_TIME, BY_RULE, NO_TIME_OF_DAY
from pisovereign.parsing.types import Interpretation
from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.requests import Request
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Day,
    Expression,
    Instant,
    Offset,
    PartOfDay,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.resolution import reminder_time
from pisovereign.reading.titles import RemainingText, TitleCleaner
from pisovereign.reading.utterance import Utterance

_LONGEST_TITLE = 250
_TIMED = (Clock, Offset, PartOfDay, ClockRange, Instant)
_BETWEEN = " ,"


class _Parts(NamedTuple):
    """A reminder taken apart.

    Attributes:
        lead: Phrases about time before its content.
        start: Where the content begins.
        end: Where it ends.
        inner: Phrases about time in it.
        is_noun: It is a thing to be reminded of rather than something to do.
    """

    lead: list[TimePhrase]
    start: int
    end: int
    inner: list[TimePhrase]
    is_noun: bool


class ReminderRules:
    """Interprets requests for a reminder in one language."""

    def __init__(self, patterns: CommandPatterns) -> None:
        words = patterns.reminders
        self._forms = tuple(re.compile(form) for form in words.forms)
        self._noun_markers = re.compile(rf"(?:{words.noun_markers})[\s,]*")
        self._clause_markers = re.compile(rf"(?:{words.clause_markers})[\s,]*")
        self._filler = re.compile(rf"(?:{words.filler})(?=[\s,]|$)")
        self._excluded = re.compile(words.excluded)
        self._second = re.compile(words.second)
        self._listed = re.compile(words.listed)
        self._conditional = re.compile(words.conditional)
        self._unconditional = re.compile(words.unconditional)
        self._replacements = tuple(
            (re.compile(old, re.IGNORECASE), new) for old, new in words.replacements
        )
        self._titles = TitleCleaner(patterns)

    def interpret(self, request: Request) -> Interpretation | None:
        """Return the reminder if one is asked for and a time is given."""
        utterance = request.utterance
        if utterance.is_question and not utterance.is_polite:
            return None
        for form in self._forms:
            if match := form.fullmatch(utterance.normalized):
                interpretation = self._from_form(request, match)
                if interpretation is not None:
                    return interpretation
        return None

    def _from_form(self, request: Request, match: re.Match[str]) -> Interpretation | None:
        utterance = request.utterance
        parts = self._parts(utterance.normalized, match, request.times)
        if parts is None or self._depends(utterance.normalized[parts.start : parts.end]):
            return None
        if self._has_second(utterance, parts):
            return None
        taken = _taken(parts, utterance.normalized)
        inner = [phrase for phrase in taken if phrase.start >= parts.start]
        left = RemainingText.between(utterance, parts.start, parts.end, inner)
        title = self._titles.clean(left.text, articles=parts.is_noun, ends=False)
        return self._interpretation(request, self._with_replacements(title), taken)

    def _parts(
        self, normalized: str, match: re.Match[str], times: Sequence[TimePhrase]
    ) -> _Parts | None:
        """Take the sentence apart; None if it has a word that does not belong there."""
        lead: list[TimePhrase] = []
        if "before" in match.re.groupindex and match["before"]:
            at = self._skip(normalized, *match.span("before"), times, lead)
            if at < match.end("before"):
                return None
        start, end = match.span("rest")
        start = self._skip(normalized, start, end, times, lead)
        noun = self._noun_markers.match(normalized, start, end)
        marker = noun or self._clause_markers.match(normalized, start, end)
        if marker:
            start = self._skip(normalized, marker.end(), end, times, lead)
        if start >= end or ((noun or not marker) and self._excluded.search(normalized, start, end)):
            return None
        inner = [f for f in times if f.start >= start and f.end <= end]
        return _Parts(lead, start, end, inner, noun is not None)

    def _skip(
        self,
        normalized: str,
        start: int,
        end: int,
        times: Sequence[TimePhrase],
        lead: list[TimePhrase],
    ) -> int:
        """Return where the first word is that is no time and no filler; times go to `lead`."""
        while start < end:
            phrase = next((f for f in times if f.start <= start < f.end), None)
            if normalized[start] in _BETWEEN:
                start += 1
            elif phrase is not None:
                lead.append(phrase)
                start = phrase.end
            elif filler := self._filler.match(normalized, start, end):
                start = filler.end()
            else:
                break
        return start

    def _depends(self, content: str) -> bool:
        """Return whether the reminder is wanted only if something happens."""
        match = self._conditional.search(content)
        return match is not None and not self._unconditional.search(content[: match.start()])

    def _has_second(self, utterance: Utterance, parts: _Parts) -> bool:
        """Return whether a second reminder begins where the title of this one would go on."""
        left = RemainingText.between(utterance, parts.start, parts.end, parts.inner)
        content = left.normalized[parts.start : parts.end]
        if self._second.search(content):
            return True
        return bool(parts.lead and self._listed.search(content))

    def _with_replacements(self, title: str) -> str:
        for old, new in self._replacements:
            title = old.sub(new, title)
        return title

    def _interpretation(
        self, request: Request, title: str, taken: Sequence[TimePhrase]
    ) -> Interpretation | None:
        when = reminder_time(expressions_of(taken), request.at, request.hint)
        if when is None or when.is_past or not title or len(title) > _LONGEST_TITLE:
            return None
        confidence = (
            BY_RULE - AMBIGUOUS_TIME * when.is_ambiguous - NO_TIME_OF_DAY * (not when.has_time)
        )
        return Interpretation(CreateReminder(title=title, remind_at=when.start), confidence)


def _taken(parts: _Parts, normalized: str) -> list[TimePhrase]:
    """Return the phrases that say when to remind; others belong to the content."""
    if any(isinstance(expression, _TIMED) for expression in expressions_of(parts.lead)):
        return parts.lead
    tail = _tail(parts, normalized)
    if not parts.lead:
        return tail or (parts.inner if len(parts.inner) == 1 else [])
    return parts.lead + (tail if _only_time(expressions_of(tail)) else [])


def _tail(parts: _Parts, normalized: str) -> list[TimePhrase]:
    """Return the phrases at the end that have nothing between them."""
    tail: list[TimePhrase] = []
    end = parts.end
    for phrase in reversed(parts.inner):
        if normalized[phrase.end : end].strip(" ,.!?"):
            break
        tail.insert(0, phrase)
        end = phrase.start
    return tail


def _only_time(expressions: Sequence[Expression]) -> bool:
    return any(isinstance(p, _TIMED) for p in expressions) and not any(
        isinstance(p, Day) for p in expressions
    )
