"""Turns whose message is a command, or goes on from one: no model is asked for the answer.

Only what a user has just written is parsed. Text of memories, mails or earlier turns never gets
here, so nothing in it can become a command.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET

from pisovereign.actions.caller import Caller
from pisovereign.actions.registry import spec_of_type
from pisovereign.chat.command_steps import MOST_STEPS, CommandSteps, StepResult, step_id
from pisovereign.chat.health import SECTION, HealthQuestions
from pisovereign.chat.own_facts import OwnFacts
from pisovereign.chat.replacements import Replacements
from pisovereign.chat.store import AnswerRow, ChatStore
from pisovereign.chat.types import (
    ANSWERED_BY,
    ChatResponse,
    SpokenCommand,
    Tokens,
)
from pisovereign.chat.user_message import OpenTurn, UserMessage
from pisovereign.dialogue.outcomes import following
from pisovereign.dialogue.service import DialogueService, Said
from pisovereign.dialogue.store import CLAIM_S, StateTaken
from pisovereign.dialogue.types import DialogueState, KnownState, Plan, Run, Say
from pisovereign.errors import Conflict, PiSovereignError
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.pasted_text import own_text
from pisovereign.parsing.service import ParseService
from pisovereign.parsing.types import Parsed
from pisovereign.storage.pool import Connection

LONGEST_MESSAGE = 300
"""Longer messages are conversation, or text that was pasted."""
_MOST_STORED_BYTES = 16_384
_NO_TOKENS = Tokens(0, 0, 0)
_PAUSES_S = (0.02, 0.05, 0.1) + (0.2,) * round(2 * CLAIM_S / 0.2)
"""How long a message waits, each time, for the one that goes on from the same state."""


class CommandTurn(OpenTurn, frozen=True, kw_only=True):
    """A message that is stored, and what is still to be done for it.

    With `led_up_to` nothing that changes something happens without an approval, in this turn alone:
    a model led up to it, or wrote down what was spoken.
    """

    plan: Plan
    known: KnownState | None
    led_up_to: bool

    @property
    def asks_only(self) -> bool:
        """Return whether nothing changes without an approval, as somebody may only ask.

        What a model has led up to is not carried out at somebody else's "yes".
        """
        return self.said.asks_only or (self.known is not None and self.known.state.asks_only)


class CommandTurns:
    """Turns that are commands.

    Args:
        steps: Carries them out.
        parsing: Finds them.
        dialogue: Finds what refers to those before.
        own_facts: Finds what users state of themselves, and ask about it.
        store: Where both sides of the turn are kept.
        health: Finds questions of health and safety; None: the model answers them.
        replacements: Removes what a turn takes the place of.
        enabled: Whether messages are parsed if the request does not say.
    """

    def __init__(
        self,
        steps: CommandSteps,
        parsing: ParseService,
        dialogue: DialogueService,
        own_facts: OwnFacts,
        store: ChatStore,
        *,
        health: HealthQuestions | None,
        replacements: Replacements,
        enabled: bool,
    ) -> None:
        self._steps = steps
        self._parsing = parsing
        self._dialogue = dialogue
        self._own_facts = own_facts
        self._health = health
        self._store = store
        self._replacements = replacements
        self._enabled = enabled

    async def begin(self, message: UserMessage) -> CommandTurn | None:
        """Store the message if it certainly is a command; else None, and nothing is stored."""
        asked = message.request.commands
        wanted = self._enabled if asked is None else asked
        if not wanted or len(message.text) > LONGEST_MESSAGE:
            return None
        for pause_s in _PAUSES_S:
            try:
                return await self._try_to_begin(message)
            except StateTaken:
                await asyncio.sleep(pause_s)
        raise Conflict("Another message of this conversation is still being answered")

    async def _try_to_begin(self, message: UserMessage) -> CommandTurn | None:
        """Store the message if it is a command, and let no other one go on from the same state.

        Raises:
            StateTaken: another one has done so, or is about to.
        """
        user, request = message.user, message.request
        known = await self._dialogue.known(user, request.conversation_id)
        version = None if known is None else known.version
        known = await self._steps.settled(user, known)
        spoken = message.language if known is None else known.state.language
        now = dt.datetime.now(dt.UTC)
        said = message.text
        if not self._dialogue.takes_words(known, now):
            said = own_text(said, certain=True)
            if not said.strip():
                return None  # what others wrote orders nothing, and answers nothing
        parsed = await self._read(user, message.text, spoken, now)
        plan = self._dialogue.plan(Said(user, said, now), spoken, known, parsed)
        plan = await self._own_facts.plan(message, plan)
        if self._health is not None:
            plan = await self._health.plan(user, request, plan)
        if plan is None:
            return None
        conversation = request.conversation_id or str(uuid4())
        if version is not None:
            await self._dialogue.claim(user, conversation, message.id, version)
        await self._store.add_user_message(
            user,
            conversation,
            message.text,
            None,
            identifier=message.id,
            replaces=message.replaces,
        )
        return CommandTurn(
            said=message,
            language=plan.language or detect_language(message.text, spoken),
            conversation=conversation,
            plan=plan,
            known=known,
            led_up_to=message.heard
            or (known is not None and _is_led_up_to(known.state, plan, parsed)),
        )

    async def _read(
        self, user: UUID, message: str, language: Language, now: dt.datetime
    ) -> list[Parsed]:
        """Return what a message is by itself, with or without what leads over to it."""
        parsed = await self._parsing.read_all(user, message)
        if any(one.is_clear for one in parsed):
            return parsed
        rest = self._dialogue.without_opening(Said(user, message, now), language)
        return parsed if rest is None else await self._parsing.read_all(user, rest)

    async def answer(self, turn: CommandTurn) -> ChatResponse:
        """Do what was asked for in its order, and store the answer with what it is about.

        The message's id stays the same if it is answered again, so nothing is done twice.
        """
        try:
            results = [
                await self._steps.carry_out(_caller(turn, number), step)
                for number, step in enumerate(turn.plan.steps[:MOST_STEPS])
            ]
            return await self._store_answer(turn, results)
        except PiSovereignError:
            if turn.known is not None:
                await self._dialogue.release(turn.user, turn.conversation, turn.message)
            raise

    async def _store_answer(self, turn: CommandTurn, results: list[StepResult]) -> ChatResponse:
        text = "\n\n".join(result.text for result in results)
        commands = [result.command for result in results if result.command is not None]
        outcomes = [result.outcome for result in results]
        state = following(
            turn.known,
            turn.plan,
            outcomes,
            turn.language,
            asks_only=turn.asks_only,
            outside=any(spec_of_type(each.type).reads_outside_text for each in commands),
        )
        row = AnswerRow(
            id=uuid4(),
            question=turn.message,
            content=text,
            model=ANSWERED_BY,
            tokens=_NO_TOKENS,
            command=as_stored(commands),
        )

        async def keep(connection: Connection) -> None:
            await self._replacements.complete(connection, turn)
            await self._dialogue.keep(connection, turn.user, turn.conversation, state, turn.message)

        created_at = await self._store.add_answer(turn.user, turn.conversation, row, keep)
        return ChatResponse(
            id=row.id,
            conversation_id=turn.conversation,
            content=text,
            model=ANSWERED_BY,
            tokens=_NO_TOKENS,
            finish_reason="stop",
            memories=[],
            command=commands[0] if commands else UNSET,
            commands=commands if len(commands) > 1 else UNSET,
            caution="health" if _is_of_health(turn.plan) else UNSET,
            created_at=created_at,
        )


def _is_of_health(plan: Plan) -> bool:
    return any(isinstance(step, Say) and step.section == SECTION for step in plan.steps)


def _is_led_up_to(state: DialogueState, plan: Plan, parsed: Sequence[Parsed]) -> bool:
    """Return whether a model may have chosen arguments of what is to be done.

    It has where something that it asked for still waits, and is to be done in another way; not
    where the message says all of it.
    """
    said = [one.command for one in parsed]
    kinds = {
        type(done.command)
        for done in (state.last, state.effect)
        if done is not None and done.approval is not None
    }
    runs = [step.command for step in plan.steps if isinstance(step, Run)]
    return any(type(command) in kinds and command not in said for command in runs)


def _caller(turn: CommandTurn, step: int) -> Caller:
    caller = Caller(turn.identity, turn.language, step_id(turn.message, step))
    return caller.asking_only() if turn.asks_only or turn.led_up_to else caller


def as_stored(commands: list[SpokenCommand]) -> str:
    """Return what commands answered as it is stored; results that are too long are left out."""
    text = msgspec.json.encode(commands)
    if len(text) > _MOST_STORED_BYTES:
        text = msgspec.json.encode([msgspec.structs.replace(c, result=UNSET) for c in commands])
    return text.decode()
