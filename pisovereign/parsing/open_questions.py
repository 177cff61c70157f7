"""Questions in words that no rule knows: the nearest labeled example says what is asked for."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from pisovereign.actions.types import (
    Command,
    CurrentWeather,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
    RunCatalogCommand,
)
from pisovereign.engine_client.encoder import DIMENSIONS, Encoder
from pisovereign.errors import EngineMisbehaved, EngineUnavailable
from pisovereign.languages import LANGUAGES, Language, load_data
from pisovereign.parsing.patterns import CommandPatterns
from pisovereign.parsing.times.expressions import (
    Clock,
    ClockRange,
    Expression,
    Invalid,
    Past,
    Recurring,
    TimePhrase,
    expressions_of,
)
from pisovereign.parsing.times.resolution import Moment, is_now, resolve_days
from pisovereign.parsing.types import CatalogEntry
from pisovereign.parsing.utterance import Utterance
from pisovereign.parsing.vocabulary import Vocabulary, words_of
from pisovereign_native.vectors import VectorIndex

NOTHING = "none"
# The encoder that comes with PiSovereign knows English; of others it knows only what words look
# like. So they have to be nearly the example: at 0.5 most matches are something else.
LEAST_COSINE: dict[Language, float] = {"en": 0.5}
_LEAST_COSINE_OF_OTHERS = 0.8
_MARGIN = 0.05
_QUESTION_LIMIT_S = 1.0
_PAUSE_S = 60.0
_BATCH = 32
_log = logging.getLogger(__name__)
_MOST_WORDS = 10
_RUN = "run."
_PLAIN: dict[str, Command] = {
    "weather": CurrentWeather(),
    "emails": EmailSummary(),
    "briefing": MorningBriefing(),
    "help": Help(),
    "reminders": ListReminders(),
}


class OpenQuestion(NamedTuple):
    """A short question or request with its expressions of time."""

    language: Language
    text: str
    expressions: list[Expression]
    at: Moment

    def command(self, name: str, catalog: Mapping[str, CatalogEntry]) -> Command | None:
        """Return the command that an example stands for; None if it is not about the present."""
        if name == "calendar":
            days = resolve_days(
                [p for p in self.expressions if not isinstance(p, Clock | ClockRange)], self.at
            )
            return None if days is None else ListCalendarEvents(days=days[1], start=days[0])
        if not is_now(self.expressions):
            return None
        if not name.startswith(_RUN):
            return _PLAIN.get(name)
        entry = catalog.get(f"default-{name.removeprefix(_RUN)}")
        if entry is None or entry.requires_approval or entry.arguments:
            return None
        return RunCatalogCommand(catalog_id=entry.id)


class OpenQuestionRules:
    """Recognizes what may be a question, in one language."""

    def __init__(self, language: Language, patterns: CommandPatterns) -> None:
        self._language = language
        self._opening_words = Vocabulary(patterns.opening_words)
        self._articles = re.compile(patterns.articles)
        self._definition = re.compile(patterns.definition)
        self._not_asked = re.compile(patterns.not_asked)

    def interpret(
        self, utterance: Utterance, times: Sequence[TimePhrase], at: Moment
    ) -> OpenQuestion | None:
        """Return the question; None if it has another form, or is not about the present."""
        words, expressions = words_of(utterance.normalized), expressions_of(times)
        if not 0 < len(words) <= _MOST_WORDS or not utterance.is_alone:
            return None
        if self._definition.fullmatch(utterance.normalized) or self._not_asked.search(
            utterance.normalized
        ):
            return None
        if any(isinstance(expression, Past | Recurring | Invalid) for expression in expressions):
            return None
        begins = words[0] in self._opening_words and not self._articles.match(words[0])
        if not (begins or utterance.is_question or utterance.is_polite):
            return None
        return OpenQuestion(self._language, utterance.text, expressions, at)


class Example(NamedTuple):
    """What somebody might say, and the name of the command that it asks for."""

    language: Language
    name: str
    text: str


def load_examples() -> list[Example]:
    """Return all labeled examples."""
    return [
        Example(language, name, text)
        for language in LANGUAGES
        for name, texts in load_data(language, "examples").items()
        for text in texts
    ]


class ExampleMatcher:
    """Finds the nearest example.

    The vectors of the examples are computed once, in the background, when they are first needed.
    """

    def __init__(self, encoder: Encoder, examples: list[Example]) -> None:
        self._encoder = encoder
        self._examples = examples
        self._index: VectorIndex | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def find(self, user: UUID, question: OpenQuestion) -> str | None:
        """Return the name of the command; None if no example is near, or the engine is away."""
        index = self._index
        if index is None:
            self._prepare()
            return None
        try:
            vector = await self._encoder.question(user, question.text, _QUESTION_LIMIT_S)
        except (EngineUnavailable, EngineMisbehaved):
            return None
        return self._choose(question.language, index.all_cosines(vector))

    async def close(self) -> None:
        """Stop preparing."""
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.gather(self._preparing, return_exceptions=True)

    def _choose(self, language: Language, cosines: array[float]) -> str | None:
        best: dict[str, float] = {}
        for example, cosine in zip(self._examples, cosines, strict=True):
            if example.language == language:
                best[example.name] = max(best.get(example.name, -1.0), cosine)
        least = LEAST_COSINE.get(language, _LEAST_COSINE_OF_OTHERS)
        (name, first), (_, second) = sorted(best.items(), key=lambda item: -item[1])[:2]
        return name if name != NOTHING and first >= max(least, second + _MARGIN) else None

    def _prepare(self) -> None:
        busy = self._preparing is not None and not self._preparing.done()
        if not busy and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + _PAUSE_S
            self._preparing = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        """Compute the vectors; if the engine is away, a later question tries again."""
        index = VectorIndex(DIMENSIONS)
        texts = [example.text for example in self._examples]
        try:
            for start in range(0, len(texts), _BATCH):
                vectors = await self._encoder.encode(texts[start : start + _BATCH])
                for row, vector in enumerate(vectors, start):
                    index.put(row, vector)
        except (EngineUnavailable, EngineMisbehaved):
            _log.info("questions in free words wait for the engine")
            return
        self._index = index
