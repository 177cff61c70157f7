"""Sentences in place of claims that are not true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.types import Command
from pisovereign.dialogue.outcomes import question_for
from pisovereign.dialogue.questions import ask
from pisovereign.dialogue.service import DialogueService
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import Clock, Messages, load_messages
from pisovereign.locales import Zones
from pisovereign.memory.service import MemoryService
from pisovereign.parsing.service import ParseService
from pisovereign.parsing.types import Incomplete, Parsed
from pisovereign.storage.pool import Connection
from pisovereign.text.untrusted import one_line

LEAST = 0.2
"""The least confidence of a command that is offered; one that is sure was carried out already."""
_MOST_CHARACTERS = 100
_ENDS = tuple(".!?…:;)]}*_`\"'”“»")


class Correction(NamedTuple):
    """A sentence to say, and what an answer to it does; None: nothing is offered or asked."""

    text: str
    language: Language
    offered: Command | Incomplete | None = None


class Corrections:
    """Finds out what is true instead.

    Args:
        parsing: Says what the user's message asked for, as far as it can be read.
        dialogue: Keeps what is offered, for the message after it.
        memory: Says what is learned from a message.
        zones: Returns the zone that times are told in to somebody.
    """

    def __init__(
        self,
        parsing: ParseService,
        dialogue: DialogueService,
        memory: MemoryService,
        zones: Zones,
    ) -> None:
        self._parsing = parsing
        self._dialogue = dialogue
        self._memory = memory
        self._zones = zones

    async def instead(
        self, user: UUID, message: str, default: Language, shown: str, *, learns: bool
    ) -> Correction:
        """Return what follows `shown` in place of a claim, with a blank line between.

        Args:
            user: Who wrote the message.
            message: What the model answered to.
            default: The language, if the message does not tell.
            shown: What was shown of the answer already.
            learns: The message is learned from, if it states something.
        """
        language = detect_language(message, default)
        if learns and await self._memory.would_learn(message):
            found = Correction(load_messages(language, "chat").say("learned"), language)
        else:
            found = self._true(user, await self._parsing.read(user, message), language, shown)
        if not shown.strip() or shown.endswith("\n\n"):
            return found
        # What was held began within a sentence, of which the first words are shown.
        cut = "" if shown.rstrip().endswith(_ENDS) else "…"
        return found._replace(text=f"{cut}\n\n{found.text}")

    async def keep(
        self,
        connection: Connection,
        user: UUID,
        conversation: str,
        said: Correction,
        *,
        asks_only: bool,
    ) -> None:
        """Store what is offered, if anything is, in the transaction that stores the answer."""
        if said.offered is not None:
            await self._dialogue.offer(
                connection, user, conversation, said.language, said.offered, asks_only=asks_only
            )

    def _true(self, user: UUID, parsed: Parsed, language: Language, shown: str) -> Correction:
        if parsed.unsupported is not None:
            return Correction(cannot(parsed.unsupported, language), language)
        words = load_messages(language, "chat")
        offered = parsed.command or parsed.incomplete
        if offered is not None and parsed.confidence >= LEAST:
            clock = Clock(dt.datetime.now(dt.UTC), self._zones(user))
            if isinstance(offered, Incomplete):
                question = question_for(offered, "missing", clock.now, parsed.missing)
                return Correction(ask(question, language, clock), language, offered)
            text = words.say("offer", what=describe(offered, language, clock))
            return Correction(text, language, offered)
        return Correction(
            words.say("nothing_done" if shown.strip() else "not_understood"), language
        )


def describe(command: Command, language: Language, clock: Clock) -> str:
    """Return what a command does and with what, for a person to say yes to."""
    words = registry.spec_of(command).words(language)
    known = msgspec.structs.asdict(command)
    details = ", ".join(_details(known.values(), load_messages(language, "actions"), clock))
    return f"{words.description} ({details})" if details else words.description


def cannot(what: str, language: Language) -> str:
    """Return why something that was asked for cannot be done, and what would be needed."""
    messages = load_messages(language, "unsupported")
    return messages.say(what if what in messages.texts else "other")


def _details(values: Iterable[object], messages: Messages, clock: Clock) -> Iterable[str]:
    for value in values:
        match value:
            case dt.datetime():
                yield messages.moment(value, clock)
            case str():
                yield one_line(value, _MOST_CHARACTERS)
            case tuple() | list():
                yield from (one_line(str(item), _MOST_CHARACTERS) for item in value)
