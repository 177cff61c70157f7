"""What of a model's proposal is believed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.commands.parsing.hints import Hints
from pisovereign.commands.parsing.phrases import Phrases
from pisovereign.commands.parsing.proposal import Proposed
from pisovereign.commands.parsing.times.pieces import Clock, Found, Past, Span, pieces_of
from pisovereign.commands.parsing.times.when import (
    Moment,
    days_meant,
    event_time,
    is_now,
    reminder_time,
)
from pisovereign.commands.parsing.titles import Titles
from pisovereign.commands.parsing.utterance import Utterance
from pisovereign.commands.types import (
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

_PLAIN: dict[str, Command] = {
    "emails": EmailSummary(),
    "briefing": MorningBriefing(),
    "help": Help(),
    "reminders": ListReminders(),
}


class ProposalRules:
    """The rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
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
        pieces = pieces_of(found)
        if self._stated.search(said.plain) or any(isinstance(p, Past) for p in pieces):
            return None
        match proposed.command:
            case "event" | "reminder":
                return self._acting(said, found, at, proposed)
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
        title = self._titles.tidy(proposed.title)
        if not title or not found or (said.asks and not said.polite):
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
