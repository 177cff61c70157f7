"""Questions in free words: what the rules do not know by its words, but what may be a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

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
from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.times.pieces import (
    Clock,
    Found,
    Past,
    Piece,
    Repeated,
    Span,
    Unreadable,
    pieces_of,
)
from pisovereign.parsing.times.when import Moment, days_meant, is_now
from pisovereign.parsing.types import CatalogEntry
from pisovereign.parsing.utterance import Utterance
from pisovereign.parsing.vocabulary import Vocabulary, words_of

_MOST_WORDS = 10
_RUN = "run."
_PLAIN: dict[str, Command] = {
    "weather": CurrentWeather(),
    "emails": EmailSummary(),
    "briefing": MorningBriefing(),
    "help": Help(),
    "reminders": ListReminders(),
}


class Question(NamedTuple):
    """A short question or request, in one language, with what it says about time."""

    language: Literal["en", "de"]
    text: str
    pieces: list[Piece]
    at: Moment

    def command(self, name: str, catalog: Mapping[str, CatalogEntry]) -> Command | None:
        """The command that an example's name stands for; None if the question is not of now."""
        if name == "calendar":
            days = days_meant([p for p in self.pieces if not isinstance(p, Clock | Span)], self.at)
            return None if days is None else ListCalendarEvents(days=days[1], start=days[0])
        if not is_now(self.pieces):
            return None
        if not name.startswith(_RUN):
            return _PLAIN[name]
        entry = catalog.get(f"default-{name.removeprefix(_RUN)}")
        if entry is None or entry.requires_approval or entry.arguments:
            return None
        return RunCatalogCommand(catalog_id=entry.id)


class QuestionRules:
    """Tells what may be a question, in one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._language = phrases.language
        self._starts = Vocabulary(phrases.starts)
        self._articles = re.compile(phrases.articles)
        self._definition = re.compile(phrases.definition)
        self._stated = re.compile(phrases.stated)

    def read(self, said: Utterance, found: Sequence[Found], at: Moment) -> Question | None:
        """The question; None if it has another form, or is about what was or shall not be."""
        words, pieces = words_of(said.plain), pieces_of(found)
        if not 0 < len(words) <= _MOST_WORDS or not said.alone:
            return None
        if self._definition.fullmatch(said.plain) or self._stated.search(said.plain):
            return None
        if any(isinstance(piece, Past | Repeated | Unreadable) for piece in pieces):
            return None
        begins = words[0] in self._starts and not self._articles.match(words[0])
        if not (begins or said.asks or said.polite):
            return None
        return Question(self._language, said.text, pieces, at)
