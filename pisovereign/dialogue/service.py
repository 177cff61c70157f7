"""The meaning of a message in its conversation, and the conversation's state afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from pisovereign.actions.types import Command
from pisovereign.dialogue.activity_questions import activity_answer
from pisovereign.dialogue.answers import answer, asks_for_words
from pisovereign.dialogue.changeable_arguments import slots_of
from pisovereign.dialogue.deciding import decide
from pisovereign.dialogue.followups import follow
from pisovereign.dialogue.lexicon import Lexicon
from pisovereign.dialogue.outcomes import StepOutcome, following, question_for
from pisovereign.dialogue.reading import FindTimes, Reader, Reading, Times
from pisovereign.dialogue.references import named_before, referent
from pisovereign.dialogue.reminding import remind_relative
from pisovereign.dialogue.store import DialogueStore
from pisovereign.dialogue.types import (
    Ask,
    DialogueState,
    Done,
    KnownState,
    Plan,
    Question,
    Run,
    Say,
    Step,
)
from pisovereign.languages import LANGUAGES, Language
from pisovereign.parsing.types import Incomplete, Parsed
from pisovereign.storage.pool import Connection

_LEADING_OVER = ("also", "correct", "yes", "no")
_REFERRING = ("pronoun", "change", "correct", "move", "cancel")
_LONGEST_S = 3600.0
"""How long "that" is understood."""
_MOST_TURNS = 8
"""After how many other messages it is not understood any longer."""
_ANSWER_S = 1800.0
"""How long a question waits for its answer."""
_ANSWER_TURNS = 2
"""After how many other messages it does not wait any longer."""


class Said(NamedTuple):
    """A message, whose it is, and when it was written."""

    user: UUID
    text: str
    now: dt.datetime


class DialogueService:
    """Understands messages that refer to what was before them.

    Args:
        store: Where states are kept.
        times: What finds times.
    """

    def __init__(self, store: DialogueStore, times: Times) -> None:
        self._store = store
        self._times = times
        self._reader = Reader([Lexicon(language) for language in LANGUAGES])

    async def known(self, user: UUID, conversation: str | None) -> KnownState | None:
        """Return what a conversation of a user is about; None: nothing that is known."""
        return None if conversation is None else await self._store.get(user, conversation)

    def plan(
        self,
        said: Said,
        language: Language,
        known: KnownState | None,
        parsed: Sequence[Parsed],
    ) -> Plan | None:
        """Return what is to be done for a message; None: it is left to the model.

        What is a command by itself is carried out as such, unless it consists of nothing but words
        that refer. An answer to a question comes before both.

        Args:
            said: The message.
            language: What the conversation is in, as far as that is known.
            known: What the conversation is about.
            parsed: The commands that the message is by itself.
        """
        commands = [one for one in parsed if one.is_clear]
        now = said.now
        state = _understood(known, now)
        readings = self._reader.read(
            said.text, language, self._find_times(said), lists=state is not None
        )
        if not readings:
            return _of_commands(commands, state, now)
        reading = readings[0]
        decided = decide(known, reading)
        if decided is not None:
            return decided
        question = None if known is None else waiting(known, now)
        if not commands or reading.begins_with("account"):
            told = activity_answer(state, question, reading)
            if told is not None:
                return told
        if state is not None:
            planned = remind_relative(state, question, reading, now)
            if planned is not None:
                return planned
        if question is not None and not _is_other(commands, question, reading):
            planned = answer(question, reading, now)
            if planned is not None:
                return planned
        if state is not None:
            planned = self._follow(state, said, reading, commands)
            if planned is not None:
                return planned
        # A few words such as "move it to 5" sound like much that nobody here can do.
        if all(one.unsupported for one in commands) and (nothing := _refers_to_nothing(reading)):
            return nothing
        return _of_commands(commands, state, now, reading)

    def _follow(
        self,
        state: DialogueState,
        said: Said,
        reading: Reading,
        commands: Sequence[Parsed],
    ) -> Plan | None:
        """Return what a message means after what was before it; None: it does not refer to that."""
        planned = follow(state, reading, said.now) if _may_refer(reading, commands) else None
        before, comma, order = said.text.rpartition(",")
        known_as_other = commands and not any(one.unsupported for one in commands)
        if planned is not None or known_as_other or not comma:
            return planned
        find = self._find_times(said)
        ordered = self._reader.read(order, reading.language, find, lists=True)
        return named_before(state, before, ordered[0]) if ordered else None

    def _find_times(self, said: Said) -> FindTimes:
        return lambda language, text: self._times.times(said.user, language, text, said.now)

    def takes_words(self, known: KnownState | None, now: dt.datetime) -> bool:
        """Return whether a question waits for words of any kind, such as the text of a mail."""
        question = None if known is None else waiting(known, now)
        return question is not None and asks_for_words(question)

    def without_opening(self, said: Said, language: Language) -> str | None:
        """Return a message without what leads over to it: "also", "ok, and"; None: nothing does."""
        readings = self._reader.read(said.text, language, self._find_times(said), lists=False)
        if not readings or not readings[0].begins_with(*_LEADING_OVER):
            return None
        reading = readings[0]
        opening = [
            marker.end
            for marker in reading.markers
            if marker.kind in _LEADING_OVER and reading.leads_at(marker.start)
        ]
        return reading.text[max(opening) :].lstrip(" ,.!") or None

    async def claim(self, user: UUID, conversation: str, message: UUID, version: int) -> None:
        """Let one message go on from what is known.

        Raises:
            StateTaken: there is a newer state, or another message goes on from this one.
        """
        await self._store.claim(user, conversation, message, version)

    async def release(self, user: UUID, conversation: str, message: UUID) -> None:
        """Let other messages go on from what a message did not change after all."""
        await self._store.release(user, conversation, message)

    async def keep(
        self,
        connection: Connection,
        user: UUID,
        conversation: str,
        state: DialogueState,
        message: UUID,
    ) -> None:
        """Store what a conversation is about, in the transaction that stores the answer.

        What the message has claimed is free again.
        """
        await self._store.put(connection, user, conversation, state, message)

    async def forget(self, user: UUID, conversation: str) -> None:
        """Forget what a conversation is about, but not that somebody spoke who may only ask."""
        known = await self._store.get(user, conversation)
        if known is None:
            return
        language, asks_only = known.state.language, known.state.asks_only
        blank = DialogueState(language=language, asks_only=asks_only)
        async with self._store.transaction(user) as connection:
            await self._store.put(connection, user, conversation, blank)

    async def offer(
        self,
        connection: Connection,
        user: UUID,
        conversation: str,
        language: Language,
        offered: Command | Incomplete,
        *,
        asks_only: bool,
    ) -> None:
        """Store that an answer offers to do something, in the transaction that stores the answer.

        A yes carries it out; the answer to one that is incomplete gives what it lacks. With
        `asks_only` either needs an approval.
        """
        known = await self._store.get(user, conversation)
        kind = "missing" if isinstance(offered, Incomplete) else "offer"
        plan, asked = Plan(steps=()), question_for(offered, kind, dt.datetime.now(dt.UTC))
        outcomes = (StepOutcome(question=asked),)
        state = following(known, plan, outcomes, language, asks_only=asks_only)
        await self._store.put(connection, user, conversation, state)

    async def keep_waiting(
        self,
        connection: Connection,
        user: UUID,
        conversation: str,
        language: Language,
        waiting: Sequence[Done],
        *,
        asks_only: bool,
        outside: bool,
    ) -> None:
        """Store what a model has asked for, so that the next message can withdraw or approve it.

        With `outside` text of others was read for the answer: it is not approved by a word then.
        """
        known = await self._store.get(user, conversation)
        outcomes = [StepOutcome(done=done, has_effect=True) for done in waiting]
        state = following(
            known, Plan(steps=()), outcomes, language, asks_only=asks_only, outside=outside
        )
        await self._store.put(connection, user, conversation, state)


def waiting(known: KnownState, now: dt.datetime) -> Question | None:
    """Return the question that a message may answer; None: none, or it was asked too long ago."""
    fresh = (
        question
        for question in known.state.questions[:1]
        if question.passed + known.turns <= _ANSWER_TURNS
        and (now - question.at).total_seconds() <= _ANSWER_S
    )
    return next(fresh, None)


def _understood(known: KnownState | None, now: dt.datetime) -> DialogueState | None:
    """Return what "that" may be; None: it was too long ago."""
    if known is None or known.turns > _MOST_TURNS or known.age_s > _LONGEST_S:
        return None
    effect = known.state.effect
    if effect is not None and (now - effect.at).total_seconds() > _LONGEST_S:
        return msgspec.structs.replace(known.state, effect=None)
    return known.state


def _is_other(commands: Sequence[Parsed], question: Question, reading: Reading) -> bool:
    """Return whether a message is a command of its own rather than an answer."""
    if not reading.content:
        return False
    kinds = {type(one.command).__name__ for one in commands if one.command is not None}
    kinds |= {one.incomplete.type.__name__ for one in commands if one.incomplete is not None}
    if question.kind == "missing" and any(one.command is not None for one in commands):
        return True
    # What nobody here can do is still something to be reminded of.
    cannot = any(one.unsupported for one in commands) and not asks_for_words(question)
    return bool(kinds - {question.type}) or cannot


def _may_refer(reading: Reading, commands: Sequence[Parsed]) -> bool:
    """Return whether a message may refer to something although it is a command by itself."""
    if not commands:
        return True
    # A word in a message that goes on from something may sound like what nobody here can do.
    if any(one.unsupported for one in commands) and not any(one.command for one in commands):
        return reading.has(*_REFERRING)
    return not reading.content and not reading.things


def _of_commands(
    commands: Sequence[Parsed],
    state: DialogueState | None,
    now: dt.datetime,
    reading: Reading | None = None,
) -> Plan | None:
    """Return the plan to carry out what a message is by itself."""
    steps = [_step(one, state, now, reading) for one in commands]
    return Plan(steps=tuple(steps)) if steps else None


def _step(
    parsed: Parsed, state: DialogueState | None, now: dt.datetime, reading: Reading | None
) -> Step:
    item = referent(state) if state is not None else None
    pronouns = _pronouns(reading) if item is not None else frozenset()
    if parsed.command is not None:
        text = slots_of(parsed.command).text
        command = parsed.command
        if text is not None and item is not None and getattr(command, text) in pronouns:
            command = msgspec.structs.replace(command, **{text: item.title})
        return Run(command=command)
    if parsed.incomplete is not None:
        lacking = parsed.incomplete
        text = slots_of(lacking.type).text
        if text is not None and item is not None and lacking.known.get(text) in pronouns:
            lacking = Incomplete(lacking.type, lacking.known | {text: item.title})
        return Ask(question_for(lacking, "missing", now, parsed.missing))
    assert parsed.unsupported is not None
    return Say(section="unsupported", key=parsed.unsupported)


def _pronouns(reading: Reading | None) -> frozenset[str]:
    """Return the pronouns of a message, as they are written."""
    if reading is None:
        return frozenset()
    return frozenset(reading.text[m.start : m.end] for m in reading.markers if m.kind == "pronoun")


def _refers_to_nothing(reading: Reading) -> Plan | None:
    """Return the plan for an order about "that" where nothing is known that it could be."""
    if reading.content or reading.place is not None or reading.talks or reading.is_question:
        return None
    if reading.has("stop") and reading.consists_of("stop"):
        return Plan(steps=(Say(key="dropped"),), language=reading.language)
    order = reading.has("undo") or (reading.has("cancel", "move") and reading.has("pronoun"))
    if not order:
        return None
    return Plan(steps=(Say(key="nothing_meant"),), language=reading.language)
