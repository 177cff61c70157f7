"""Questions of health and safety, which small models answer wrongly and with confidence.

They are told by their meaning: a logistic regression over the vector of the multilingual encoder.
`tools.train_health` makes its weights of the templates in `languages/<code>/health_examples.toml`.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg

from pisovereign.actions.types import RecallMemory
from pisovereign.chat.types import ChatRequest
from pisovereign.dialogue.types import Note, Plan, Run, Say, Step
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.engine_client.linear_head import LinearHead, load_linear_head
from pisovereign.errors import PiSovereignError
from pisovereign.memory.service import MemoryService

MODEL = "use-multilingual"
"""The embedding model whose vectors the weights are for."""
LEAST = 0.6
"""The least probability of what is answered so."""
SECTION = "health"
_FILE = Path(__file__).with_name("health_head.toml")
_LIMIT_S = 1.0  # an answer waits for it


def load_health_head() -> LinearHead:
    """Return the weights that come with PiSovereign."""
    return load_linear_head(_FILE)


class HealthQuestions:
    """Finds questions of health and safety, and answers them with where to ask.

    Args:
        encoders: The encoders in use; without the multilingual one nothing is found.
        head: Its weights.
        memory: What the user has said.
    """

    def __init__(self, encoders: EncoderSet, head: LinearHead, memory: MemoryService) -> None:
        self._encoders = encoders
        self._head = head
        self._memory = memory

    async def plan(self, user: UUID, request: ChatRequest, plan: Plan | None) -> Plan | None:
        """Return what is to be answered to a message.

        What the user has said of themselves comes first: "You told me: I am allergic to nuts".

        Args:
            user: Who says it.
            request: The message.
            plan: What it is otherwise; None: the model is to answer.
        """
        if plan is not None and not all(_may_be_taken_for_something_else(s) for s in plan.steps):
            return plan
        if not await self._is_asked(user, request.message):
            return plan
        advice = Say(section=SECTION, key="ask_somebody")
        told = [step for step in plan.steps if isinstance(step, Note)] if plan is not None else []
        if told:
            # What was told is remembered all the same: it may be all that there is to it.
            return Plan(steps=(*told, advice))
        steps: list[Step] = [advice]
        if request.use_memory and await self._knows_something(user, request.message):
            steps.insert(0, Run(command=RecallMemory(question=request.message)))
        return Plan(steps=tuple(steps))

    async def _is_asked(self, user: UUID, message: str) -> bool:
        if self._memory.sets_a_task(message):
            return False
        vectors = await self._encoders.question(user, message, _LIMIT_S)
        vector = vectors.get(self._head.model)
        return vector is not None and self._head.probability(vector) >= LEAST

    async def _knows_something(self, user: UUID, question: str) -> bool:
        try:
            found, _ = await self._memory.facts(user, question, 1)
        except (PiSovereignError, psycopg.Error):
            return False
        return bool(found)


def _may_be_taken_for_something_else(step: Step) -> bool:
    """Return whether a message about health may have been read as this."""
    return isinstance(step, Note) or (isinstance(step, Say) and step.section == "unsupported")
