"""Asking the model in a conversation: what is sent, and dropping old turns until it fits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from pisovereign.chat import prompt
from pisovereign.chat.answer_limit import AnswerLimit
from pisovereign.chat.early_answer import EarlyAnswer
from pisovereign.chat.memory_notes import Notes
from pisovereign.chat.shortening import Sent, shortened, with_shorter_results
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.store import ChatStore
from pisovereign.chat.types import LeftOut, Turn, UsedPassage
from pisovereign.chat.user_message import OpenTurn
from pisovereign.config import Config
from pisovereign.engine_client.answer_cache import CachedAnswers
from pisovereign.engine_client.client import AnswerEvent, ContextExceeded
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import ChatRequest as EngineRequest
from pisovereign.engine_client.types import Message, Tool, ToolChoice, prompt_cache_key
from pisovereign.errors import PromptTooSlow, ValidationFailed
from pisovereign.system.served_models import ServedModels


class PendingTurn(OpenTurn, frozen=True, kw_only=True):
    """A turn that a model is to answer.

    `context` is what stands before the user's own words in `newest`, and `lesson` is these words if
    they are to be learned from. `language` holds where the words do not tell. `tools` are what the
    model may call; None: nothing. `watch` measures how fast the answer comes.
    `may_claim`: a deed was asked for, or spoken of, so that the answer may claim one.
    `passages` of documents are in `newest`, and not in `without_passages`.
    `early` was asked for before the message was stored; None: nothing was.
    `left_out` is what the model was not sent, known once it answers.
    """

    system_prompt: str
    history: Sequence[Turn]
    context: str | None = None
    newest: str
    without_passages: str = ""
    passages: Sequence[UsedPassage] = ()
    model: str
    temperature: float
    max_tokens: int
    may_be_cut: bool = False
    notes: Notes
    lesson: str | None
    tools: Sequence[Tool] | None = None
    watch: Stopwatch
    may_claim: bool = True
    early: EarlyAnswer | None = None
    left_out: set[LeftOut] = msgspec.field(default_factory=set)


class ModelRequests:
    """Sends turns to the model.

    Args:
        config: How it is asked.
        store: Where conversations are kept.
        answers: The model.
        models: Says how long its context is.
    """

    def __init__(
        self, *, config: Config, store: ChatStore, answers: CachedAnswers, models: ServedModels
    ) -> None:
        self._config = config
        self._store = store
        self._answers = answers
        self._models = models

    async def events(
        self,
        turn: PendingTurn,
        reader: AnswerReader,
        *,
        after: Sequence[Message] = (),
        choice: ToolChoice | None = None,
    ) -> AsyncGenerator[AnswerEvent]:
        """Ask the engine, dropping old turns until the prompt fits.

        Args:
            turn: What is asked.
            reader: Who reads the answer.
            after: The calls that the model has made for this turn, and what they gave.
            choice: Whether it may call tools; None: there are none.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            ValidationFailed: the message alone is longer than the model's context.
        """
        history = await self._fitting(turn, after)
        accepted = False
        seconds = self._config.inference.max_answer_s if turn.may_be_cut else None
        limit = AnswerLimit(seconds, turn.model, reader)
        most_s = self._most_s
        while True:
            try:
                request = self._request(turn, history, after, choice, most_s)
                answer = None if turn.early is None else turn.early.take(request, reader)
                if answer is None:
                    answer = self._ask(turn, request, reader)
                async with aclosing(limit.cut(answer)) as events:
                    async for event in events:
                        if not accepted:
                            # Only now: a refused message must not take later ones' history.
                            accepted = True
                            await self._remember_window(turn, history)
                        yield event
                return
            except PromptTooSlow as error:
                less = shortened(_sent(turn, history, after), error)
                if less is None:
                    most_s = None  # nothing can be left out: it is read however long that takes
                    continue
                sent, what = less
                history, after = list(sent.history), sent.after
                turn.left_out.add(what)
                turn = _resent(turn, sent)
            except ContextExceeded as error:
                # The estimate was too low; the engine counts before it computes, so this is cheap
                # and nothing has been sent to the client yet.
                if not history and (shorter := with_shorter_results(after)) is not None:
                    after = shorter
                    continue
                if not history:
                    await self._store.withdraw(turn.user, turn.conversation, turn.message)
                    raise _too_long(error) from None
                budget = sum(prompt.turn_tokens(t) for t in history) // 2
                history = prompt.drop_old_turns(history, budget)

    async def begin_early(self, turn: PendingTurn) -> EarlyAnswer:
        """Ask for the answer to a turn that is not stored yet, as `events` will."""
        history = await self._fitting(turn, ())
        choice: ToolChoice | None = None if turn.tools is None else "auto"
        request = self._request(turn, history, (), choice, self._most_s)
        reader = AnswerReader()
        return EarlyAnswer(request, self._ask(turn, request, reader), reader)

    @property
    def _most_s(self) -> float | None:
        """Return how long a prompt may be read, in seconds; None: another server is asked."""
        inference = self._config.inference
        return None if inference.base_url else inference.max_prompt_s

    def _ask(
        self, turn: PendingTurn, request: EngineRequest, reader: AnswerReader
    ) -> AsyncGenerator[AnswerEvent]:
        return self._answers.chat(turn.user, request, keep=not turn.notes.missing, reader=reader)

    async def _fitting(self, turn: PendingTurn, after: Sequence[Message]) -> Sequence[Turn]:
        """Return the turns before it that the prompt has room for, by an estimate."""
        context = await self._models.context_length()
        return prompt.fit(
            _static(turn),
            turn.history,
            "\n".join((turn.newest, *(message.content for message in after))),
            context=context,
            reserve=min(turn.max_tokens, context // 4),
        )

    async def _remember_window(self, turn: PendingTurn, history: Sequence[Turn]) -> None:
        if len(history) < len(turn.history):
            after_all = max(t.seq for t in turn.history if t.role == "user") + 1
            seq = history[0].seq if history else after_all
            await self._store.move_window(turn.user, turn.conversation, seq)

    def _request(
        self,
        turn: PendingTurn,
        history: Sequence[Turn],
        after: Sequence[Message],
        choice: ToolChoice | None,
        most_s: float | None,
    ) -> EngineRequest:
        messages = prompt.build(
            turn.system_prompt,
            history,
            turn.newest,
            tool_role=not self._config.inference.base_url,
            calls=turn.tools is not None,
        )
        return EngineRequest(
            model=turn.model,
            messages=[*messages, *after],
            stream=True,
            temperature=turn.temperature,
            top_p=self._config.inference.top_p,
            max_tokens=turn.max_tokens,
            tools=None if turn.tools is None else list(turn.tools),
            tool_choice=choice,
            # Another server may refuse what it does not know.
            public_tools=turn.tools is not None and not self._config.inference.base_url,
            copy_penalty=not self._config.inference.base_url,
            expectation=not self._config.inference.base_url,
            max_prompt_s=most_s,
            # Computed prompts are shared between one user's requests only.
            prompt_cache_key=prompt_cache_key(turn.user),
        )


def _static(turn: PendingTurn) -> str:
    """Return what a prompt begins with, as far as its length matters."""
    if turn.tools is None:
        return turn.system_prompt
    return turn.system_prompt + msgspec.json.encode(turn.tools).decode()


def _sent(turn: PendingTurn, history: Sequence[Turn], after: Sequence[Message]) -> Sent:
    message = turn.text if turn.newest.endswith(turn.text) else ""
    without = turn.without_passages if turn.passages else None
    return Sent(history, turn.newest, message, without, after)


def _resent(turn: PendingTurn, sent: Sent) -> PendingTurn:
    """Return a turn as it is sent now."""
    passages = turn.passages if sent.without_passages is not None else ()
    said = turn.said.with_text(sent.message) if sent.message else turn.said
    return msgspec.structs.replace(turn, newest=sent.newest, passages=passages, said=said)


def _too_long(error: ContextExceeded) -> ValidationFailed:
    limit = f" of {error.context_length} tokens" if error.context_length else ""
    return ValidationFailed(
        [{"field": "message", "error": f"does not fit into the model's context{limit}"}]
    )
