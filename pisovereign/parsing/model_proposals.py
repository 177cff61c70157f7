"""Commands proposed by the language model, and what of a proposal is believed.

The model answers under a schema: it names a command and repeats words, and computes nothing. Words
that the user did not say are ignored, times are found by the rules, and a proposal counts only if
the words bear it out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

import msgspec

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
from pisovereign.engine_client.client import Delta, EngineClient
from pisovereign.engine_client.types import (
    ChatRequest,
    JsonSchema,
    JsonSchemaFormat,
    Message,
    prompt_cache_key,
)
from pisovereign.errors import ContextExceeded, EngineMisbehaved, EngineUnavailable
from pisovereign.model_tests.types import Capabilities
from pisovereign.parsing.intent_acceptance import NOTHING
from pisovereign.parsing.open_questions import OpenQuestionRules
from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.requests import Request
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Past,
    expressions_of,
)
from pisovereign.reading.times.resolution import (
    event_time,
    is_now,
    reminder_time,
    resolve_days,
)
from pisovereign.reading.titles import TitleCleaner
from pisovereign.reading.vocabulary import Vocabulary, topic_words, words_of

COMMANDS = ("event", "reminder", "calendar", "weather", "emails", "briefing", "help", "reminders")
LIMIT_S = 30.0
_MOST_TOKENS = 160
_TASK = (
    "Somebody said something to an assistant. Say which command it asks for: event (put into the "
    "calendar), reminder (remind of something), calendar (what is in it), weather, emails (what is "
    "in the inbox), briefing (overview of the day), help (what the assistant can do), reminders "
    "(which there are), or none if it is talk, a question about something else, or not meant. "
    "Repeat the words that say what (title) and where (place), exactly; leave out what was not "
    "said."
)
_ACTING = ("event", "reminder")
_PLAIN: dict[str, Command] = {
    "emails": EmailSummary(),
    "briefing": MorningBriefing(),
    "help": Help(),
    "reminders": ListReminders(),
}


class Proposal(msgspec.Struct, frozen=True):
    """A proposal of the model; `title` and `place` repeat words of the user, or are empty."""

    command: str
    title: str = ""
    place: str = ""


Abilities = Callable[[str], Capabilities]
"""Returns what a model may do, given its id."""


class CommandReader:
    """Asks the model in use, whose id `model` returns, which command somebody gives."""

    def __init__(self, engine: EngineClient, model: Callable[[], str]) -> None:
        self._engine = engine
        self.model = model

    async def named(self, user: UUID, text: str) -> str | None:
        """Return the name of the command, as a test of the model asks; None if it is away."""
        proposed = await self.read(user, text, low_priority=True)
        return None if proposed is None else proposed.command

    async def read(self, user: UUID, text: str, *, low_priority: bool = False) -> Proposal | None:
        """Return what the model answers, unchecked; None if it is away, or breaks off."""
        expressions: list[str] = []
        try:
            async with asyncio.timeout(LIMIT_S):
                request = self._request(user, text)
                async with aclosing(
                    self._engine.chat(request, low_priority=low_priority)
                ) as events:
                    async for event in events:
                        if isinstance(event, Delta):
                            expressions.append(event.text)
            return msgspec.json.decode("".join(expressions), type=Proposal)
        except (TimeoutError, EngineUnavailable, EngineMisbehaved, ContextExceeded):
            return None
        except msgspec.DecodeError:  # too long, and cut off
            return None

    def _request(self, user: UUID, text: str) -> ChatRequest:
        return ChatRequest(
            model=self.model(),
            messages=[Message("system", _TASK), Message("user", text)],
            temperature=0.0,
            max_tokens=_MOST_TOKENS,
            response_format=JsonSchemaFormat(JsonSchema(_schema())),
            prompt_cache_key=prompt_cache_key(user),
        )


class ModelProposer:
    """Asks the model for a command, if a test has shown that it reads them."""

    def __init__(self, reader: CommandReader, abilities: Abilities) -> None:
        self._reader = reader
        self._abilities = abilities

    async def propose(self, user: UUID, text: str) -> Proposal | None:
        """Return the command that the model proposes; None if it proposes none, or is not asked."""
        if not self._abilities(self._reader.model()).reads_commands:
            return None
        proposed = await self._reader.read(user, text)
        if proposed is None or proposed.command not in COMMANDS:
            return None
        title, place = (_repeated(words, text) for words in (proposed.title, proposed.place))
        return Proposal(proposed.command, title, place)


def _repeated(words: str, text: str) -> str:
    """Return the words as they are written in the text; nothing if they are not there."""
    at = text.casefold().find(words.strip().casefold())
    found = text[at : at + len(words.strip())] if at >= 0 else ""
    return found if found.casefold() == words.strip().casefold() else ""


def _schema() -> dict[str, Any]:
    words = {"type": "string", "maxLength": 120}
    return {
        "type": "object",
        "properties": {
            "command": {"enum": [*COMMANDS, NOTHING]},
            "title": words,
            "place": words,
        },
        "required": ["command"],
        "additionalProperties": False,
    }


class ProposalRules:
    """Checks proposals in one language."""

    def __init__(self, patterns: CommandPatterns) -> None:
        self._questions = OpenQuestionRules(patterns)
        self._topics = topic_words(patterns.queries, patterns.common_words)
        self._events = re.compile(f"{patterns.events.nouns}|{patterns.events.calendar}")
        self._reminders = re.compile(patterns.reminders.keywords)
        self._pronouns = Vocabulary(patterns.pronoun_words)
        self._articles = re.compile(patterns.articles)
        self._not_asked = re.compile(patterns.not_asked)
        self._titles = TitleCleaner(patterns)

    def interpret(self, request: Request, proposal: Proposal) -> Command | None:
        """Return the command; None if the words do not bear it out.

        Args:
            request: The one sentence that was said.
            proposal: What the model proposes.
        """
        utterance, times = request.utterance, request.times
        expressions, words = expressions_of(times), words_of(utterance.normalized)
        if self._not_asked.search(utterance.normalized) or any(
            isinstance(p, Past) for p in expressions
        ):
            return None
        if proposal.command in _ACTING:
            return self._acting(request, proposal)
        topic = self._topics[proposal.command]
        if not self._questions.fits(utterance, times) or not any(word in topic for word in words):
            return None
        match proposal.command:
            case "calendar":
                days = resolve_days(
                    [p for p in expressions if not isinstance(p, Clock | ClockRange)], request.at
                )
                return ListCalendarEvents(days=days[1], start=days[0]) if days else None
            case "weather":
                place = self._titles.clean(proposal.place)
                return CurrentWeather(location=place or None) if is_now(expressions) else None
            case name:
                return _PLAIN[name] if is_now(expressions) else None

    def _acting(self, request: Request, proposal: Proposal) -> Command | None:
        utterance, at = request.utterance, request.at
        title, words = self._titles.clean(proposal.title), words_of(utterance.normalized)
        evidence = self._events if proposal.command == "event" else self._reminders
        # "Maybe we meet", "the meeting is": somebody tells something.
        states = self._articles.match(words[0]) or any(word in self._pronouns for word in words)
        if (
            not title
            or not request.times
            or states
            or (utterance.is_question and not utterance.is_polite)
        ):
            return None
        if not evidence.search(utterance.normalized) or _is_all(title, utterance.text):
            return None
        expressions = expressions_of(request.times)
        if proposal.command == "reminder":
            when = reminder_time(expressions, at, request.hint)
            usable = when is not None and not when.is_past
            return CreateReminder(title=title, remind_at=when.start) if when and usable else None
        when = event_time(expressions, at, request.hint)
        if when is None or when.is_past:
            return None
        place = self._titles.clean(proposal.place)
        return CreateCalendarEvent(
            title=title, start=when.start, end=when.end, location=place or None
        )


def _is_all(title: str, text: str) -> bool:
    """Return whether the model took everything for the title, the time included."""
    return len(title.split()) >= len(text.split())
