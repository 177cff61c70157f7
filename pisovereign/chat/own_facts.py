"""Messages that only state something of their user, and questions that such statements answer.

A small model answers both with inventions, so the program does.
"""

from __future__ import annotations

from uuid import UUID

import psycopg

from pisovereign.actions.types import RecallMemory
from pisovereign.chat.user_message import UserMessage
from pisovereign.dialogue.types import Note, Plan, Run, Say, Step
from pisovereign.errors import PiSovereignError
from pisovereign.languages.sentences import is_question
from pisovereign.memory.service import MemoryService


class OwnFacts:
    """Finds what is to be remembered or recalled, where a message is no command.

    Args:
        memory: What the user has said.
        learns: Whether statements are learned if the request does not say.
    """

    def __init__(self, memory: MemoryService, *, learns: bool) -> None:
        self._memory = memory
        self._learns = learns

    async def plan(self, said: UserMessage, plan: Plan | None) -> Plan | None:
        """Return what is to be done for a message.

        Args:
            said: The message.
            plan: What it is as a command; None: none.
        """
        # A statement is no order, though it may have the words of one.
        if plan is not None and not all(_is_doubtful(step) for step in plan.steps):
            return plan
        user, message = said.user, said.text
        if is_question(message):
            if plan is None and said.request.use_memory and await self._is_answered(user, message):
                return Plan(steps=(Run(command=RecallMemory(question=message)),))
            return plan
        if not await self._memory.only_states(message):
            return plan
        learns = self._learns if said.learns is None else said.learns
        return Plan(steps=(Note(message),)) if learns and not said.asks_only else None

    async def _is_answered(self, user: UUID, question: str) -> bool:
        try:
            return await self._memory.is_answered(user, question)
        except (PiSovereignError, psycopg.Error):
            return False  # the model answers


def _is_doubtful(step: Step) -> bool:
    """Return whether a statement may have been read as this, which does nothing."""
    if isinstance(step, Run):
        return isinstance(step.command, RecallMemory)
    return isinstance(step, Say) and step.section == "unsupported"
