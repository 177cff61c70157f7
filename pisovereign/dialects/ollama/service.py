"""Ollama's requests, carried out by the engine."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from pisovereign.config import Config
from pisovereign.dialects.completions.answering import CompletionRunner, PreparedRequest
from pisovereign.dialects.completions.vectors import shortened
from pisovereign.dialects.ollama import requests
from pisovereign.dialects.ollama.installed import Installed
from pisovereign.dialects.ollama.replies import AnswerWriter, Form, chat_line, generate_line
from pisovereign.dialects.ollama.reply_types import (
    ChatReply,
    DoneReason,
    Embeddings,
    GenerateReply,
    OldEmbedding,
    Reply,
)
from pisovereign.dialects.ollama.types import Chat, Embed, Generate, OldEmbed, Options
from pisovereign.engine_client import types as wire
from pisovereign.engine_client.answer_cache import CachedAnswers
from pisovereign.engine_client.client import AnswerEvent, EngineClient, Expected, Finished
from pisovereign.errors import TooLong, ValidationFailed

R = TypeVar("R", bound=Reply)
# How many of the oldest turns are left out at once, so that the start of a prompt, and what was
# computed for it, stays the same for a while.
_TURNS_AT_ONCE = 4


class Asked(msgspec.Struct, Generic[R], frozen=True):
    """A request that is ready to be answered.

    Attributes:
        name: of the model, as the client said it.
        form: how a piece of its answer is written.
        prepared: what the engine is asked; None: nothing, the model is just wanted in memory.
        reason: then, how the answer ends.
    """

    name: str
    form: Form[R]
    prepared: PreparedRequest | None
    reason: DoneReason = "load"


class OllamaService:
    """Chats, texts and embeddings; nothing is stored or remembered."""

    def __init__(
        self, config: Config, engine: EngineClient, answers: CachedAnswers, installed: Installed
    ) -> None:
        self._inference = config.inference
        self._engine = engine
        self._answering = CompletionRunner(answers)
        self._installed = installed

    async def chat(self, user: UUID, request: Chat) -> Asked[ChatReply]:
        """Return a chat that is ready to be answered.

        Raises:
            NotFound: A model that does not answer here.
            ValidationFailed: What cannot be done.
        """
        model = await self._installed.chat_model(request.model)
        messages = requests.chat_messages(request.messages or ())
        if not messages:
            return Asked(request.model, chat_line, None, _reason(request))
        asked = msgspec.structs.replace(
            self._request(model, messages, request),
            tools=requests.tools_of(request, own=self._engine.own),
        )
        return Asked(request.model, chat_line, PreparedRequest.of(user, asked))

    async def generate(self, user: UUID, request: Generate) -> Asked[GenerateReply]:
        """Return a text that is ready to be gone on with.

        Raises:
            NotFound: A model that does not answer here.
            ValidationFailed: What cannot be done.
        """
        model = await self._installed.chat_model(request.model)
        messages = requests.prompt_messages(request)
        if not request.prompt:
            return Asked(request.model, generate_line, None, _reason(request))
        asked = self._request(model, messages, request)
        return Asked(request.model, generate_line, PreparedRequest.of(user, asked))

    async def stream(self, asked: Asked[R]) -> AsyncGenerator[R]:
        """Yield the lines of an answer; the last has `done`.

        Raises:
            EngineUnavailable: The engine is gone, also in the middle.
            ValidationFailed: The newest message alone does not fit into the model's context.
        """
        writer = AnswerWriter(asked.name, asked.form)
        if asked.prepared is None:
            yield writer.nothing(asked.reason)
            return
        async with aclosing(self._events(asked.prepared)) as events:
            async for event in events:
                for line in writer.take(event):
                    yield line

    async def whole(self, asked: Asked[R]) -> R:
        """Return a whole answer.

        Raises:
            EngineUnavailable, ValidationFailed: as `stream`.
        """
        writer = AnswerWriter(asked.name, asked.form)
        if asked.prepared is None:
            return writer.nothing(asked.reason)
        async with aclosing(self._events(asked.prepared)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return writer.whole(event)
                if not isinstance(event, Expected):
                    writer.add(event)
        raise AssertionError("the engine's client ends with an answer or an error")

    async def embed(self, request: Embed) -> Embeddings:
        """Return vectors of unit length.

        Raises:
            EngineUnavailable: The engine is gone or busy.
            NotFound: The model makes no embeddings.
        """
        begun = time.monotonic_ns()
        texts = [request.input] if isinstance(request.input, str) else request.input
        vectors, tokens = await self._vectors(request.model, texts)
        if request.dimensions is not None:
            vectors = [shortened(vector, request.dimensions) for vector in vectors]
        return Embeddings(request.model, vectors, time.monotonic_ns() - begun, 0, tokens)

    async def embed_one(self, request: OldEmbed) -> OldEmbedding:
        """Return one vector; an empty one for no text.

        Raises:
            EngineUnavailable, NotFound: as `embed`.
        """
        vectors, _ = await self._vectors(request.model, [request.prompt or ""])
        return OldEmbedding(vectors[0])

    async def _vectors(self, name: str, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Return a vector of each text, and how many tokens they had; empty ones for no text."""
        model = self._installed.embedding_model(name)
        said = [text for text in texts if text]
        if not said:
            return [[] for _ in texts], 0
        found = await self._engine.embed(said, model=model)
        vectors = iter(found.vectors)
        return [next(vectors) if text else [] for text in texts], found.tokens

    async def _events(self, prepared: PreparedRequest) -> AsyncGenerator[AnswerEvent]:
        """Ask the engine, without the oldest turns as long as the conversation does not fit."""
        messages = prepared.request.messages
        dropped = 0
        while True:
            try:
                async with aclosing(self._answering.events(prepared)) as events:
                    async for event in events:
                        yield event
                return
            except TooLong:
                # Counted before anything is computed, so it costs little to try again.
                dropped += _TURNS_AT_ONCE
                fewer = _fewer(messages, dropped)
                if fewer is None or len(fewer) >= len(prepared.request.messages):
                    raise
                prepared = PreparedRequest.of(
                    prepared.user, msgspec.structs.replace(prepared.request, messages=fewer)
                )
            except ValidationFailed as error:
                raise requests.in_ollamas_words(error) from None

    def _request(
        self, model: str, messages: list[wire.Message], request: Chat | Generate
    ) -> wire.ChatRequest:
        asked = requests.engine_request(
            model, messages, request.options or Options(), self._inference
        )
        return msgspec.structs.replace(
            asked,
            response_format=requests.answer_form(request.format, own=self._engine.own),
            reasoning_effort=requests.effort(request.think),
        )


def _fewer(messages: Sequence[wire.Message], turns: int) -> list[wire.Message] | None:
    """Return messages without the oldest turns, but with the newest; None: there is no other."""
    present = sum(message.role == "user" for message in messages)
    return requests.without_oldest(messages, min(turns, present - 1)) if present > 1 else None


def _reason(request: Chat | Generate) -> DoneReason:
    """Return what a client wants that asks nothing; the model stays in memory all the same."""
    return "unload" if request.keep_alive in (0, "0", "0s") else "load"
