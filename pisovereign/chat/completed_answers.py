"""Storing an answer, and what follows from it in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from msgspec import UNSET

from pisovereign.chat.corrections import Corrections
from pisovereign.chat.history_types import AnswerDetails
from pisovereign.chat.model_requests import PendingTurn
from pisovereign.chat.model_turns import Answered
from pisovereign.chat.replacements import Replacements
from pisovereign.chat.store import AnswerRow, ChatStore
from pisovereign.chat.types import ChatResponse, Tokens
from pisovereign.dialogue.service import DialogueService
from pisovereign.engine_client.types import Usage
from pisovereign.languages.detection import detect_language
from pisovereign.memory.service import MemoryService
from pisovereign.storage.pool import Connection


class CompletedAnswers:
    """Stores answers.

    Args:
        store: Where conversations are kept.
        memory: Learns from what was said.
        corrections: Keeps what an answer said in place of a claim.
        dialogue: Keeps what waits for an approval.
        replacements: Removes the turns that an answer takes the place of.
    """

    def __init__(
        self,
        *,
        store: ChatStore,
        memory: MemoryService,
        corrections: Corrections,
        dialogue: DialogueService,
        replacements: Replacements,
    ) -> None:
        self._store = store
        self._memory = memory
        self._corrections = corrections
        self._dialogue = dialogue
        self._replacements = replacements

    async def store(
        self, turn: PendingTurn, answered: Answered, *, stopped: bool = False
    ) -> ChatResponse:
        """Store an answer, and return it.

        Args:
            turn: What was asked.
            answered: What the model said.
            stopped: It is what was shown until its reader ended it.

        Raises:
            NotFound: The conversation was deleted meanwhile.
        """
        end, record = answered.end, answered.tools
        tokens = Tokens(0, 0, 0) if end is None else _tokens_of(end.usage)
        details = _details(turn, answered, tokens, stopped=stopped)
        row = AnswerRow(
            id=uuid4(),
            question=turn.message,
            content=answered.content,
            model=turn.model if end is None else end.model,
            tokens=tokens,
            tools=record,
            details=details,
        )

        async def follow(connection: Connection) -> None:
            await self._follow(connection, turn, answered, row.id)

        created_at = await self._store.add_answer(turn.user, turn.conversation, row, follow)
        return ChatResponse(
            id=row.id,
            conversation_id=turn.conversation,
            content=row.content,
            model=row.model,
            tokens=details.tokens,
            finish_reason=details.finish_reason,
            memories=details.memories,
            degraded=details.degraded,
            claim_withheld=details.claim_withheld,
            tools=record.uses if record is not None and record.uses else UNSET,
            speed=details.speed or UNSET,
            passages=details.passages,
            created_at=created_at,
        )

    async def _follow(
        self, connection: Connection, turn: PendingTurn, answered: Answered, answer: UUID
    ) -> None:
        """Write down what follows from an answer."""
        await self._replacements.complete(connection, turn)
        if answered.said is not None:
            await self._corrections.keep(
                connection,
                turn.user,
                turn.conversation,
                answered.said,
                asks_only=turn.said.asks_only,
            )
        if answered.waiting:
            record = answered.tools
            await self._dialogue.keep_waiting(
                connection,
                turn.user,
                turn.conversation,
                detect_language(turn.text, turn.language),
                answered.waiting,
                asks_only=turn.said.asks_only,
                outside=turn.notes.outside_text or record is None or record.outside_text,
            )
        if turn.lesson is not None:
            await self._memory.learn(connection, turn.user, answer, turn.lesson, answered.content)


def _details(
    turn: PendingTurn, answered: Answered, tokens: Tokens, *, stopped: bool
) -> AnswerDetails:
    before = [_tokens_of(each.usage) for each in answered.before]
    return AnswerDetails(
        tokens=_sum_of([*before, tokens]),
        finish_reason="stopped" if stopped else "length" if answered.is_cut else "stop",
        speed=turn.watch.speed(tokens.completion),
        memories=turn.notes.used,
        degraded=["memories"] if turn.notes.missing else UNSET,
        claim_withheld=UNSET if answered.said is None else True,
        passages=UNSET if "passages" in turn.left_out else list(turn.passages) or UNSET,
    )


def _tokens_of(usage: Usage) -> Tokens:
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
    return Tokens(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens, cached)


def _sum_of(tokens: Sequence[Tokens]) -> Tokens:
    return Tokens(
        sum(each.prompt for each in tokens),
        sum(each.completion for each in tokens),
        sum(each.total for each in tokens),
        sum(each.cached for each in tokens),
    )
