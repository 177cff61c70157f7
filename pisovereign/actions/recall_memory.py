"""Answering from what the user has said."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import Intent
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.remember import FactText
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.memory.types import Memory
from pisovereign.reading.partial_commands import PartialCommand, Wording


class RecallMemory(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Answer `question` from what the user has said; None: tell all of it."""

    question: FactText | None = None


class RecalledFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The memories that answer a question, the best first, and how many there are in all."""

    memories: list[Memory]
    total: int


def _read(wording: Wording) -> PartialCommand:
    if wording.spans is not None and "question" not in wording.spans:
        return PartialCommand(RecallMemory, {})
    return PartialCommand(RecallMemory, {"question": wording.request.utterance.text})


class RecallMemoryAction(DirectAction[RecallMemory, RecalledFacts]):
    """Answers in the user's own words, or says that it does not know."""

    spec = ActionSpec(
        name="recall",
        module="recall_memory",
        type=RecallMemory,
        result=RecalledFacts,
        intents=(Intent("recall", _read, least=0.8),),
    )

    async def run(self, caller: Caller, command: RecallMemory) -> RecalledFacts:
        """Return the memories that answer a question."""
        user, memories = caller.identity.user_id, self._backends.memories
        found, total = await memories.facts(user, command.question)
        return RecalledFacts(memories=found, total=total)

    def describe(self, result: RecalledFacts, messages: Messages, clock: Clock) -> str:
        """Return when the user said what, one a line."""
        key = "recall.one" if len(result.memories) == 1 else "recall.fact"
        lines = [
            messages.say(
                key, day=messages.day(memory.updated_at, clock), statement=quote(memory.content)
            )
            for memory in result.memories
        ]
        if not lines:
            return messages.say("recall.none")
        if len(lines) == 1:
            return lines[0]
        return messages.say("recall", list=bullets(lines, messages, result.total))
