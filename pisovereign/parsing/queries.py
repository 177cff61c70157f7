"""Questions that only read: the weather, the calendar, mail, reminders, and what there is to ask.

A rule wants to know each word of the sentence. What it does not know may change the meaning: "my
calendar" asks for something, "my calendar is a mess" does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pisovereign.actions.types import (
    Command,
    CurrentWeather,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
)
from pisovereign.parsing.confidence import BY_RULE
from pisovereign.parsing.phrases import CUT, Phrases
from pisovereign.parsing.system import SystemRules
from pisovereign.parsing.times.pieces import (
    Clock,
    Found,
    Piece,
    Span,
    pieces_of,
)
from pisovereign.parsing.times.when import Moment, days_meant, is_now
from pisovereign.parsing.types import CatalogEntry, Reading
from pisovereign.parsing.utterance import Utterance
from pisovereign.parsing.vocabulary import Topic, Vocabulary, topics_of, words_of

_MOST_PLACE_WORDS = 4
_FEW_WORDS = 3
_DEFAULT_COUNT, _MOST_COUNT = 10, 100


class _Asked(NamedTuple):
    """A sentence; in `plain` each phrase about time is cut out, its length kept."""

    text: str
    plain: str
    words: list[str]
    pieces: list[Piece]


class QueryRules:
    """The rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._starts = Vocabulary(phrases.starts)
        self._speakers = Vocabulary(phrases.speakers)
        self._definition = re.compile(phrases.definition)
        self._place = re.compile(rf"\b(?:{phrases.place}) (?=(?P<place>[^\x1f,]+))")
        self._no_place = Vocabulary(phrases.no_place, phrases.common)
        numbers = phrases.times.numbers
        self._numbers = {word: int(n) for word, n in numbers.items() if n == int(n) and n > 1}
        self._topics = topics_of(phrases.queries, phrases.common)
        self.system = SystemRules(phrases)

    def read(
        self,
        said: Utterance,
        found: Sequence[Found],
        at: Moment,
        catalog: Mapping[str, CatalogEntry],
    ) -> Reading | None:
        """The command, if each word of the sentence belongs to it."""
        if self._definition.fullmatch(said.plain):
            return None
        if named := self.system.named(said, catalog):
            return named
        plain = _without(said.plain, found)
        pieces = pieces_of(found)
        asked = _Asked(said.text, plain, words_of(plain), pieces)
        if not asked.words or (len(asked.words) == 1 and not said.alone):
            return None
        begins = said.polite or self._begins(asked.words)
        for name, topics in self._topics.items():
            for topic in topics:
                if not (begins or topic.has(asked.words[0])) or (topic.dated and not pieces):
                    continue
                if topic.fits(asked.words) and (command := self._command(name, topic, asked, at)):
                    return Reading(command, BY_RULE)
        if not is_now(pieces):
            return None
        return self.system.asked(asked.words, said, catalog, begins=begins)

    def _begins(self, words: Sequence[str]) -> bool:
        few = len(words) <= _FEW_WORDS and words[0] not in self._speakers
        return few or words[0] in self._starts

    def _command(self, name: str, topic: Topic, asked: _Asked, at: Moment) -> Command | None:
        unknown = topic.vocabulary.unknown(asked.words)
        if name == "weather":
            return self._weather(topic, asked, unknown)
        if name == "emails":
            return self._emails(asked, unknown)
        if unknown:
            return None
        if name == "calendar":
            days = days_meant([p for p in asked.pieces if not isinstance(p, Clock | Span)], at)
            return None if days is None else ListCalendarEvents(days=days[1], start=days[0])
        if name == "reminders":
            return ListReminders()
        if not is_now(asked.pieces):
            return None
        return MorningBriefing() if name == "briefing" else Help()

    def _weather(self, topic: Topic, asked: _Asked, unknown: list[str]) -> Command | None:
        place = (self._location(topic, asked) or _name(topic, asked, unknown)) if unknown else ""
        if not is_now(asked.pieces) or set(unknown) - set(words_of(place.lower())):
            return None
        return CurrentWeather(location=place or None)

    def _location(self, topic: Topic, asked: _Asked) -> str:
        """The place that is named, as it was written; empty when there is none."""
        for match in self._place.finditer(asked.plain):
            end = start = match.start("place")
            words = words_of(match["place"])[: _MOST_PLACE_WORDS + 1]
            for word in words:
                if word in topic.vocabulary or word in self._no_place or word.isdigit():
                    break
                end = asked.plain.index(word, end) + len(word)
            if end > start and len(words_of(asked.plain[start:end])) <= _MOST_PLACE_WORDS:
                return asked.text[start:end]
        return ""

    def _emails(self, asked: _Asked, unknown: list[str]) -> Command | None:
        counts = [int(w) for w in asked.words if w.isascii() and w.isdigit() and len(w) < 4]
        counts += [self._numbers[w] for w in asked.words if w in self._numbers]
        others = [w for w in unknown if not w.isdigit() and w not in self._numbers]
        count = counts[0] if counts else _DEFAULT_COUNT
        if others or len(counts) > 1 or not 1 <= count <= _MOST_COUNT or not is_now(asked.pieces):
            return None
        return EmailSummary(count=count)


def _name(topic: Topic, asked: _Asked, unknown: Sequence[str]) -> str:
    """What follows the topic and ends the sentence, if it is written as a name: "Wetter Graz"."""
    end = asked.plain.rfind(unknown[-1]) + len(unknown[-1])
    start = asked.plain.rfind(unknown[0], 0, end)
    text = asked.text[start:end]
    named = [word for word in text.split() if word[0].isupper()]
    before = words_of(asked.plain[:start])[-1:]
    whole = not asked.plain[end:].strip() and words_of(asked.plain[start:end]) == list(unknown)
    whole = whole and any(topic.has(word) for word in before)
    return text if whole and len(named) == len(text.split()) <= _MOST_PLACE_WORDS else ""


def _without(plain: str, found: Sequence[Found]) -> str:
    parts, at = [], 0
    for phrase in found:
        parts += [plain[at : phrase.start], CUT * (phrase.end - phrase.start)]
        at = phrase.end
    return "".join((*parts, plain[at:]))
