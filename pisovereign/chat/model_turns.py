"""Turns that the model answers: asking it, and what of its answer may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple
from uuid import UUID

import msgspec

from pisovereign.chat import prompt
from pisovereign.chat.claim_filter import ClaimFilter, beginning
from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.corrections import Correction, Corrections
from pisovereign.chat.memory_notes import Notes
from pisovereign.chat.store import ChatStore
from pisovereign.chat.types import ANSWERED_BY, Turn
from pisovereign.config import Config
from pisovereign.engine_client.answer_cache import CachedAnswers
from pisovereign.engine_client.client import AnswerEvent, ContextExceeded, Delta, Finished
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import ChatRequest as EngineRequest
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language
from pisovereign.system.catalog import ModelCatalog


class PendingTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A turn whose user message is stored and whose answer is still to come.

    `text` is the user's own words, and `lesson` the same if they are to be learned from. With
    `asks_only` what its answer offers needs an approval.
    `language` is the one to answer in when the words do not tell.
    """

    user: UUID
    language: Language
    text: str
    conversation: str
    message: UUID
    system_prompt: str
    history: Sequence[Turn]
    newest: str
    model: str
    temperature: float
    max_tokens: int
    notes: Notes
    lesson: str | None
    asks_only: bool


class Answered(NamedTuple):
    """A complete answer.

    Attributes:
        content: All of it.
        end: What the engine told at the end; None if it was left before.
        said: What stands in place of a claim; None: there was none.
    """

    content: str
    end: Finished | None
    said: Correction | None


class ModelTurns:
    """Asks the model.

    Args:
        config: How it is asked.
        store: Where conversations are kept.
        answers: The model.
        models: Says how long its context is.
        claims: Recognizes what it has not done.
        corrections: Says what is true instead.
    """

    def __init__(
        self,
        *,
        config: Config,
        store: ChatStore,
        answers: CachedAnswers,
        models: ModelCatalog,
        claims: ClaimDetector,
        corrections: Corrections,
    ) -> None:
        self._config = config
        self._store = store
        self._answers = answers
        self._models = models
        self._claims = claims
        self._corrections = corrections

    async def answer(self, turn: PendingTurn) -> AsyncGenerator[str | Answered]:
        """Yield the pieces of an answer and finally all of it.

        An answer that begins as an earlier one of the conversation is none to this message: small
        models copy what they have said. It is not shown, and the model is asked once more, without
        what was before.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            ValidationFailed: the message alone is longer than the model's context.
        """
        results = [text.sent for text in turn.history if text.model == ANSWERED_BY]
        allowed = ClaimFilter(self._claims, _earlier(turn.history), results)
        pieces: list[str] = []
        end: Finished | None = None
        while True:
            reader = AnswerReader()
            async with aclosing(self._events(turn, reader)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        end = event
                        text = allowed.finish()
                    elif isinstance(event, Delta):
                        text = allowed.feed(event.text)
                    else:
                        continue
                    if text:
                        pieces.append(text)
                        yield text
                    if allowed.claimed or allowed.copied:
                        reader.enough = True
                        break
            if not allowed.copied:
                break
            end = None
            turn = msgspec.structs.replace(turn, history=())
            allowed = ClaimFilter(self._claims, results=results)
        said: Correction | None = None
        if allowed.claimed:
            shown = "".join(pieces)
            said = await self._corrections.instead(
                turn.user, turn.text, turn.language, shown, learns=turn.lesson is not None
            )
            pieces.append(said.text)
            yield said.text
        yield Answered("".join(pieces), end, said)

    async def _events(self, turn: PendingTurn, reader: AnswerReader) -> AsyncGenerator[AnswerEvent]:
        """Ask the engine, dropping old turns until the prompt fits."""
        context = await self._models.context_length()
        history = prompt.fit(
            turn.system_prompt,
            turn.history,
            turn.newest,
            context=context,
            reserve=min(turn.max_tokens, context // 4),
        )
        accepted = False
        while True:
            try:
                request = self._request(turn, history)
                answer = self._answers.chat(
                    turn.user, request, keep=not turn.notes.missing, reader=reader
                )
                async with aclosing(answer) as events:
                    async for event in events:
                        if not accepted:
                            # Only now: a refused message must not take later ones' history.
                            accepted = True
                            await self._remember_window(turn, history)
                        yield event
                return
            except ContextExceeded as error:
                # The estimate was too low; the engine counts before it computes, so this is cheap
                # and nothing has been sent to the client yet.
                if not history:
                    await self._store.withdraw(turn.user, turn.conversation, turn.message)
                    raise _too_long(error) from None
                budget = sum(prompt.estimate_tokens(t.sent) for t in history) // 2
                history = prompt.drop_old_turns(history, budget)

    async def _remember_window(self, turn: PendingTurn, history: Sequence[Turn]) -> None:
        if len(history) < len(turn.history):
            after_all = max(t.seq for t in turn.history if t.role == "user") + 1
            seq = history[0].seq if history else after_all
            await self._store.move_window(turn.user, turn.conversation, seq)

    def _request(self, turn: PendingTurn, history: Sequence[Turn]) -> EngineRequest:
        return EngineRequest(
            model=turn.model,
            messages=prompt.build(
                turn.system_prompt,
                history,
                turn.newest,
                tool_role=not self._config.inference.base_url,
            ),
            stream=True,
            temperature=turn.temperature,
            top_p=self._config.inference.top_p,
            max_tokens=turn.max_tokens,
            # Computed prompts are shared between one user's requests only.
            prompt_cache_key=hashlib.blake2b(turn.user.bytes, digest_size=16).hexdigest(),
        )


def _earlier(history: Sequence[Turn]) -> frozenset[str]:
    """Return how the model's earlier answers begin."""
    return frozenset(
        beginning(turn.sent)
        for turn in history
        if turn.role == "assistant" and turn.model != ANSWERED_BY
    )


def _too_long(error: ContextExceeded) -> ValidationFailed:
    limit = f" of {error.context_length} tokens" if error.context_length else ""
    return ValidationFailed(
        [{"field": "message", "error": f"does not fit into the model's context{limit}"}]
    )
