"""Questions that only read something: weather, calendar, mail, reminders, help and system state.

A rule has to know each word of the sentence, for one that it does not know may change the meaning:
"my calendar" asks for something, "my calendar is a mess" does not.
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
from pisovereign.parsing.catalog_commands import CatalogCommandRules
from pisovereign.parsing.confidence import BY_RULE
from pisovereign.parsing.types import CatalogEntry, Interpretation
from pisovereign.reading.patterns import CUT, CommandPatterns
from pisovereign.reading.requests import Request
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Expression,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.resolution import Moment, is_now, resolve_days
from pisovereign.reading.vocabulary import Topic, Vocabulary, topics_of, words_of

_MOST_PLACE_WORDS = 4
_FEW_WORDS = 3
_DEFAULT_COUNT, _MOST_COUNT = 10, 100


class _Sentence(NamedTuple):
    """A sentence; phrases about time are `CUT` in `normalized`, which keeps its length."""

    text: str
    normalized: str
    words: list[str]
    expressions: list[Expression]


class QueryRules:
    """Interprets questions in one language."""

    def __init__(self, patterns: CommandPatterns, numbers: Mapping[str, float]) -> None:
        self._opening_words = Vocabulary(patterns.opening_words)
        self._pronouns = Vocabulary(patterns.pronoun_words)
        self._definition = re.compile(patterns.definition)
        self._place = re.compile(rf"\b(?:{patterns.place}) (?=(?P<place>[^\x1f,]+))")
        self._no_place = Vocabulary(patterns.no_place_words, patterns.common_words)
        self._numbers = {word: int(n) for word, n in numbers.items() if n == int(n) and n > 1}
        self._topics = topics_of(patterns.queries, patterns.common_words)
        self.catalog_commands = CatalogCommandRules(patterns)

    def interpret(
        self, request: Request, catalog: Mapping[str, CatalogEntry]
    ) -> Interpretation | None:
        """Return the command if each word of the sentence belongs to it."""
        utterance, times = request.utterance, request.times
        if self._definition.fullmatch(utterance.normalized):
            return None
        if named := self.catalog_commands.by_name(utterance, catalog):
            return named
        normalized = _without(utterance.normalized, times)
        expressions = expressions_of(times)
        sentence = _Sentence(utterance.text, normalized, words_of(normalized), expressions)
        if not sentence.words or (len(sentence.words) == 1 and not utterance.is_alone):
            return None
        begins = utterance.is_polite or self._begins(sentence.words)
        for name, topics in self._topics.items():
            for topic in topics:
                if not (begins or topic.has(sentence.words[0])) or (
                    topic.dated and not expressions
                ):
                    continue
                if topic.fits(sentence.words) and (
                    command := self._command(name, topic, sentence, request.at)
                ):
                    return Interpretation(command, BY_RULE)
        if not is_now(expressions):
            return None
        return self.catalog_commands.by_question(sentence.words, utterance, catalog, begins=begins)

    def _begins(self, words: Sequence[str]) -> bool:
        few = len(words) <= _FEW_WORDS and words[0] not in self._pronouns
        return few or words[0] in self._opening_words

    def _command(self, name: str, topic: Topic, sentence: _Sentence, at: Moment) -> Command | None:
        unknown = topic.vocabulary.unknown(sentence.words)
        if name == "weather":
            return self._weather(topic, sentence, unknown)
        if name == "emails":
            return self._emails(sentence, unknown)
        if unknown:
            return None
        if name == "calendar":
            days = resolve_days(
                [p for p in sentence.expressions if not isinstance(p, Clock | ClockRange)], at
            )
            return None if days is None else ListCalendarEvents(days=days[1], start=days[0])
        if name == "reminders":
            return ListReminders()
        if not is_now(sentence.expressions):
            return None
        return MorningBriefing() if name == "briefing" else Help()

    def _weather(self, topic: Topic, sentence: _Sentence, unknown: list[str]) -> Command | None:
        place = (
            (self._location(topic, sentence) or _name(topic, sentence, unknown)) if unknown else ""
        )
        if not is_now(sentence.expressions) or set(unknown) - set(words_of(place.lower())):
            return None
        return CurrentWeather(location=place or None)

    def _location(self, topic: Topic, sentence: _Sentence) -> str:
        """Return the place that is named, as it was written; empty if there is none."""
        for match in self._place.finditer(sentence.normalized):
            end = start = match.start("place")
            words = words_of(match["place"])[: _MOST_PLACE_WORDS + 1]
            for word in words:
                if word in topic.vocabulary or word in self._no_place or word.isdigit():
                    break
                end = sentence.normalized.index(word, end) + len(word)
            if end > start and len(words_of(sentence.normalized[start:end])) <= _MOST_PLACE_WORDS:
                return sentence.text[start:end]
        return ""

    def _emails(self, sentence: _Sentence, unknown: list[str]) -> Command | None:
        counts = [int(w) for w in sentence.words if w.isascii() and w.isdigit() and len(w) < 4]
        counts += [self._numbers[w] for w in sentence.words if w in self._numbers]
        others = [w for w in unknown if not w.isdigit() and w not in self._numbers]
        count = counts[0] if counts else _DEFAULT_COUNT
        if (
            others
            or len(counts) > 1
            or not 1 <= count <= _MOST_COUNT
            or not is_now(sentence.expressions)
        ):
            return None
        return EmailSummary(count=count)


def _name(topic: Topic, sentence: _Sentence, unknown: Sequence[str]) -> str:
    """Return what follows the topic up to the end if it is written as a name: "Wetter Graz"."""
    end = sentence.normalized.rfind(unknown[-1]) + len(unknown[-1])
    start = sentence.normalized.rfind(unknown[0], 0, end)
    text = sentence.text[start:end]
    named = [word for word in text.split() if word[0].isupper()]
    before = words_of(sentence.normalized[:start])[-1:]
    whole = not sentence.normalized[end:].strip() and words_of(
        sentence.normalized[start:end]
    ) == list(unknown)
    whole = whole and any(topic.has(word) for word in before)
    return text if whole and len(named) == len(text.split()) <= _MOST_PLACE_WORDS else ""


def _without(normalized: str, times: Sequence[TimePhrase]) -> str:
    parts, at = [], 0
    for phrase in times:
        parts += [normalized[at : phrase.start], CUT * (phrase.end - phrase.start)]
        at = phrase.end
    return "".join((*parts, normalized[at:]))
