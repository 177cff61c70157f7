"""What of a model's proposal is believed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.actions.types import (
    Command,
    CreateCalendarEvent,
    CreateReminder,
    CurrentWeather,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
)
from pisovereign.parsing.hints import Hints
from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.proposal import Proposed
from pisovereign.parsing.questions import QuestionRules
from pisovereign.parsing.times.pieces import Clock, Found, Past, Span, pieces_of
from pisovereign.parsing.times.when import (
    Moment,
    days_meant,
    event_time,
    is_now,
    reminder_time,
)
from pisovereign.parsing.titles import Titles
from pisovereign.parsing.utterance import Utterance
from pisovereign.parsing.vocabulary import Vocabulary, topical, words_of

_ACTING = ("event", "reminder")
_PLAIN: dict[str, Command] = {
    "emails": EmailSummary(),
    "briefing": MorningBriefing(),
    "help": Help(),
    "reminders": ListReminders(),
}


class ProposalRules:
    """The rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._questions = QuestionRules(phrases)
        self._topics = topical(phrases.queries, phrases.common)
        self._events = re.compile(f"{phrases.events.nouns}|{phrases.events.calendar}")
        self._reminders = re.compile(phrases.reminders.evidence)
        self._speakers = Vocabulary(phrases.speakers)
        self._articles = re.compile(phrases.articles)
        self._stated = re.compile(phrases.stated)
        self._titles = Titles(phrases)
        self._hints = Hints(phrases)

    def read(
        self, said: Utterance, found: Sequence[Found], at: Moment, proposed: Proposed
    ) -> Command | None:
        """The command; None if the words do not bear it out.

        Args:
            said: everything that was said, one sentence.
            found: the times in it.
            at: when it was said.
            proposed: what the model makes of it.
        """
        pieces, words = pieces_of(found), words_of(said.plain)
        if self._stated.search(said.plain) or any(isinstance(p, Past) for p in pieces):
            return None
        if proposed.command in _ACTING:
            return self._acting(said, found, at, proposed)
        topic = self._topics[proposed.command]
        if not self._questions.read(said, found, at) or not any(word in topic for word in words):
            return None
        match proposed.command:
            case "calendar":
                days = days_meant([p for p in pieces if not isinstance(p, Clock | Span)], at)
                return ListCalendarEvents(days=days[1], start=days[0]) if days else None
            case "weather":
                place = self._titles.tidy(proposed.place)
                return CurrentWeather(location=place or None) if is_now(pieces) else None
            case name:
                return _PLAIN[name] if is_now(pieces) else None

    def _acting(
        self, said: Utterance, found: Sequence[Found], at: Moment, proposed: Proposed
    ) -> Command | None:
        title, words = self._titles.tidy(proposed.title), words_of(said.plain)
        evidence = self._events if proposed.command == "event" else self._reminders
        # "Maybe we meet", "the meeting is": somebody tells something.
        states = self._articles.match(words[0]) or any(word in self._speakers for word in words)
        if not title or not found or states or (said.asks and not said.polite):
            return None
        if not evidence.search(said.plain) or _is_all(title, said.text):
            return None
        pieces, hint = pieces_of(found), self._hints.of(said.plain)
        if proposed.command == "reminder":
            when = reminder_time(pieces, at, hint)
            usable = when is not None and not when.past
            return CreateReminder(title=title, remind_at=when.start) if when and usable else None
        when = event_time(pieces, at, hint)
        if when is None or when.past:
            return None
        place = self._titles.tidy(proposed.place)
        return CreateCalendarEvent(
            title=title, start=when.start, end=when.end, location=place or None
        )


def _is_all(title: str, text: str) -> bool:
    """Whether the model took everything for the title, the time too."""
    return len(title.split()) >= len(text.split())
