"""Parsing what a user says: by forms and rules, the intent model, and the language model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.actions.registry import COMMANDS, spec_of
from pisovereign.actions.types import ControlHome, FindContact, HomeState, named_contacts
from pisovereign.catalog.types import CatalogCommand
from pisovereign.connectors.calendar.contact_types import ContactSource
from pisovereign.connectors.home_assistant.types import House
from pisovereign.errors import NotConfigured, UpstreamError
from pisovereign.languages import Language
from pisovereign.languages.pasted_text import own_text
from pisovereign.locales import Zones
from pisovereign.parsing.intent_acceptance import NOTHING, OF_THE_WORLD, RUN, bears_out
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.intent_reader import IntentReader
from pisovereign.parsing.model_proposals import ModelProposer
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.task_home import TaskHome, at_home, kept_here
from pisovereign.parsing.types import CatalogEntry, Parsed
from pisovereign.reading.message import Message
from pisovereign.reading.spelling import SpellingCorrector
from pisovereign.reading.time_fragments import TimeSlots
from pisovereign.reading.times.resolution import Moment
from pisovereign.reading.utterance import LONGEST_REQUEST

_MOST_COMMANDS = 1_000
_MOST_PARTS = 4
CORRECTIONS = "corrections"
"""What a text is called that takes back a part of what it asks for (`unserved` in `forms.toml`)."""
_ANYWHERE = ZoneInfo("UTC")
# What is answered by saying that a house can be connected.
_OF_A_HOUSE = frozenset(what for spec in COMMANDS if spec.needs == "home" for what in spec.serves)


class Catalog(Protocol):
    """Where system commands are."""

    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[CatalogCommand], int]:
        """Return the commands that a user sees."""
        ...


class UserParser:
    """Parses several texts of one user, all as if they were said at the same moment.

    Args:
        parser: The rules.
        now: When the texts were said.
        zone: Where, which decides what a time of day means.
        entries: The system commands that there are.
    """

    def __init__(
        self, parser: Parser, now: dt.datetime, zone: ZoneInfo, entries: Sequence[CatalogEntry]
    ) -> None:
        self._parser = parser
        self._now = now
        self._zone = zone
        self._entries = entries

    def parse(self, text: str) -> Parsed:
        """Return the command that `text` is, if it is one."""
        return self._parser.parse(text, self._now, self._zone, self._entries)

    def time_phrase(self, text: str) -> str | None:
        """Return the words of a text that say when, if there are any."""
        return self._parser.time_phrase(text, self._now, self._zone)


class ParseService:
    """Parses commands: by rules, by the intent model, and, if wanted, by the language model.

    Args:
        parser: The rules.
        intents: The intent model.
        proposer: The model.
        catalog: The system commands that there are.
        zones: Returns the zone in which somebody means times.
        tasks: Says where to-dos are kept.
        keeps_calendar: Whether a user's calendar is in the program.
        contacts: Whom users have in their address books.
        house: Returns a user's house as it is known now; None: there is none.
    """

    def __init__(
        self,
        parser: Parser,
        intents: IntentReader,
        proposer: ModelProposer,
        catalog: Catalog,
        zones: Zones,
        *,
        tasks: TaskHome,
        contacts: ContactSource,
        house: Callable[[UUID], Awaitable[House | None]] | None = None,
        keeps_calendar: Callable[[UUID], bool] | None = None,
    ) -> None:
        self._parser = parser
        self._house = house
        self._intents = intents
        self._proposer = proposer
        self._catalog = catalog
        self._zones = zones
        self._tasks = tasks
        self._keeps_calendar = keeps_calendar
        self._contacts = contacts
        self._spelling = SpellingCorrector()

    def has_time(self, text: str) -> bool:
        """Return whether a text says when, in any language; where that is does not matter."""
        return self._parser.time_phrase(text, dt.datetime.now(dt.UTC), _ANYWHERE) is not None

    async def read(self, user: UUID, text: str, *, allow_model: bool = False) -> Parsed:
        """Return the command that `text` is now, if it is one.

        Nothing incomplete is in `command`: what may be carried out is there and nowhere else. What
        others wrote of the text is no order, but may be what an order is about: a mail's text.
        """
        message = self._parser.message(own_text(text, certain=True), self._moment(user))
        return await self._read_own(user, message, text, allow_model=allow_model)

    async def _read_own(
        self, user: UUID, message: Message, text: str, *, allow_model: bool = False
    ) -> Parsed:
        """Return what `read` does, of the user's own words in a text."""
        if not message.text.strip():
            return self._parser.nothing()
        parsed = await self._read(user, message, allow_model=allow_model)
        if message.text != text and parsed.command is None and parsed.incomplete is not None:
            whole = await self._read(
                user, self._parser.message(text, message.at), allow_model=allow_model
            )
            parsed = whole if isinstance(whole.command, parsed.incomplete.type) else parsed
        parsed = await at_home(parsed, user, self._tasks)
        return kept_here(parsed) if self._keeps_calendar and self._keeps_calendar(user) else parsed

    async def _read(self, user: UUID, message: Message, *, allow_model: bool) -> Parsed:
        house = None if self._house is None else await self._house(user)
        of_house = self._parser.at_home(message, house) if house else None
        if of_house is not None:
            return of_house
        short = len(message.text) <= LONGEST_REQUEST
        if short:
            message = self._respelled(message, self._spelling.correct_times)
        parsed = await self._judged(user, message)
        if short and (not parsed.is_clear or parsed.command is None):
            parsed = await self._plainer(user, message) or parsed
        if house is not None and parsed.unsupported in _OF_A_HOUSE:
            # There is one, but it is asked for in words that only a model may understand.
            parsed = self._parser.nothing()
        settled = parsed.parsed or parsed.unsupported is not None
        if not settled and allow_model and short:
            return await self._proposed(user, message) or parsed
        return parsed

    def _respelled(self, message: Message, correct: Callable[[Language, str], str]) -> Message:
        text = correct(message.language, message.text)
        return message if text == message.text else self._parser.message(text, message.at)

    async def read_all(self, user: UUID, text: str) -> list[Parsed]:
        """Return each command of a text that asks for several, in order; else what `read` does.

        Each part has to be clear by itself. If one of them lacks something, and all of the text is
        a complete command, it is that: "remind me to eat and drink at 5".
        """
        message = self._parser.message(own_text(text, certain=True), self._moment(user))
        if message.text != text:
            return [await self._read_own(user, message, text)]
        return await self._parts(user, message, _MOST_PARTS)

    async def _parts(self, user: UUID, message: Message, most: int) -> list[Parsed]:
        whole = await self._read_own(user, message, message.text)
        if most == 1 or len(message.text) > LONGEST_REQUEST or _is_whole(whole):
            return [whole]
        same: list[Parsed] | None = None
        for halves in self._parser.halves(message):
            first = self._parser.message(halves.first, message.at)
            read = await self._read_own(user, first, first.text)
            if not read.is_clear:
                continue
            rest = self._parser.message(halves.rest, message.at)
            parts = [read, *await self._parts(user, rest, most - 1)]
            complete = all(part.incomplete is None for part in parts)
            if not all(part.is_clear for part in parts) or not (complete or whole.command is None):
                continue
            if not _is_one(parts[0], parts[1]):
                return parts
            same = same or parts
        # "Add milk and eggs to the list" is one request, though each half could be one as well.
        return [whole] if same is None or _is_one(whole, same[0]) else same

    def _moment(self, user: UUID) -> Moment:
        return Moment.of(dt.datetime.now(dt.UTC), self._zones(user))

    async def asks_for_deeds(self, user: UUID, text: str) -> float:
        """Return how likely a text asks for a deed, or for something of the asker's own.

        It is the intent model's probability. 1: that is not known, since the text is long, or the
        model does not know its language.
        """
        if not text.strip() or len(text) > LONGEST_REQUEST:
            return 1.0
        guesses = await self._guesses(user, self._parser.message(text, self._moment(user)))
        if not guesses:
            return 1.0
        others = OF_THE_WORLD | {NOTHING}
        return sum(guess.probability for guess in guesses if guess.intent not in others)

    def times(self, user: UUID, language: Language, text: str, now: dt.datetime) -> TimeSlots:
        """Return the times in a user's few words of a language; positions are those of `text`."""
        return self._parser.times(language, text, now, self._zones(user))

    async def parser_for(self, user: UUID) -> UserParser:
        """Return a parser for several texts of a user at this moment, by rules alone."""
        entries = await self._entries(user)
        return UserParser(self._parser, dt.datetime.now(dt.UTC), self._zones(user), entries)

    async def _judged(self, user: UUID, message: Message) -> Parsed:
        """Return what rules read, unless the intent model knows better; else what it reads."""
        asked = bool(message.text.strip()) and len(message.text) <= LONGEST_REQUEST
        guesses = await self._guesses(user, message) if asked else []
        # Nothing else needs the catalog, and most messages are no system command.
        is_system = bool(guesses) and guesses[0].intent.startswith(RUN)
        needed = is_system or self._parser.needs_catalog(message)
        entries = await self._entries(user) if needed else []
        parsed = self._parser.weigh(message, guesses, entries)
        asked_for = parsed.command
        if not isinstance(asked_for, FindContact) or await self._knows(user, asked_for):
            return parsed
        # Somebody of whom it was told, or who is known to everybody.
        allowed = self._parser.allowed(message, guesses)
        other = self._parser.by_intent(message, allowed, entries)
        if other is None or isinstance(other.command, FindContact):
            return self._parser.nothing()
        return other

    async def _knows(self, user: UUID, command: FindContact) -> bool:
        """Return whether somebody is in the address books of a user."""
        try:
            everybody = await self._contacts.contacts(user)
        except (NotConfigured, UpstreamError):
            return False
        return bool(named_contacts(everybody, command.name or ""))

    async def _guesses(self, user: UUID, message: Message) -> list[Guess]:
        return await self._intents.guesses(user, message.language, message.core)

    async def _plainer(self, user: UUID, message: Message) -> Parsed | None:
        """Return the complete command that a message is once it is written plainly; None: none.

        Typos and shorthand are written out, and clauses left away that only tell how something is.
        """
        spelled = self._respelled(message, self._spelling.correct)
        remarkless = self._parser.without_remarks(spelled)
        for plain in chain(() if spelled is message else (spelled,), remarkless):
            parsed = await self._judged(user, plain)
            if parsed.is_clear and parsed.command is not None:
                return parsed
        return None

    async def _proposed(self, user: UUID, message: Message) -> Parsed | None:
        """Return what the language model proposes, if the intent model and the words agree."""
        proposal = await self._proposer.propose(user, message.text)
        if proposal is None:
            return None
        guesses = self._parser.allowed(message, await self._guesses(user, message))
        if not bears_out(proposal.command, guesses):
            return None
        return self._parser.accept(message, proposal)

    async def _entries(self, user: UUID) -> list[CatalogEntry]:
        commands, _ = await self._catalog.page(user, _MOST_COMMANDS, 0)
        return [
            CatalogEntry(c.id, c.name, c.requires_approval, tuple(a.name for a in c.arguments))
            for c in commands
        ]


def _is_whole(parsed: Parsed) -> bool:
    """Return whether a text is not to be parted: it lists things of the house, or corrects itself.

    Of "an alarm for 7, no wait, an alarm for 8" each half is an order, and one is not meant.
    """
    return isinstance(parsed.command, ControlHome | HomeState) or parsed.unsupported == CORRECTIONS


def _is_one(parsed: Parsed, other: Parsed) -> bool:
    """Return whether both are clear commands of the same type, which change something."""
    first, second = parsed.command, other.command
    if first is None or second is None or not (parsed.is_clear and other.is_clear):
        return False
    return type(first) is type(second) and spec_of(first).side_effects
