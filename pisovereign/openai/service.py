"""OpenAI's requests, carried out by the engine."""

from __future__ import annotations

import base64
import hashlib
import struct
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID, uuid4

from pisovereign.cache.answers import Answers
from pisovereign.config import Config
from pisovereign.engine import types as wire
from pisovereign.engine.client import ContextExceeded, EngineClient, Finished
from pisovereign.errors import NotFound, ValidationFailed
from pisovereign.openai.types import (
    ChatCompletion,
    Embeddings,
    EmbeddingUsage,
    EncodedVector,
    EncodedVectors,
    Message,
    ModelEntry,
    ModelList,
)
from pisovereign.system.catalog import ModelCatalog


class OpenAiService:
    """Chat completions, embeddings and models; nothing is stored or remembered."""

    def __init__(
        self, config: Config, engine: EngineClient, answers: Answers, models: ModelCatalog
    ) -> None:
        self._inference = config.inference
        self._embedding_model = config.engine.embedding_model
        self._engine = engine
        self._answers = answers
        self._models = models

    async def prepare(self, user: UUID, request: ChatCompletion) -> wire.ChatRequest:
        """The engine's form of a request.

        Raises:
            ValidationFailed: a model that is not there, or what it cannot do.
        """
        if request.tools:
            raise ValidationFailed([{"field": "tools", "error": "are not supported"}])
        model = request.model or self._inference.model
        await self._models.require(model)
        inference = self._inference
        limit = request.max_completion_tokens or request.max_tokens or inference.max_tokens
        return wire.ChatRequest(
            model=model,
            messages=[_message(message) for message in request.messages],
            stream=True,
            temperature=_given(request.temperature, inference.temperature),
            top_p=_given(request.top_p, inference.top_p),
            top_k=request.top_k,
            min_p=request.min_p,
            repeat_penalty=request.repeat_penalty,
            seed=request.seed,
            stop=request.stop,
            max_tokens=limit,
            response_format=request.response_format,
            # A user's own prompts share what was computed for them, nobody else's.
            prompt_cache_key=hashlib.blake2b(user.bytes, digest_size=16).hexdigest(),
        )

    async def complete(self, user: UUID, request: wire.ChatRequest) -> wire.ChatResponse:
        """The whole answer.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            ValidationFailed: the messages do not fit into the model's context.
        """
        pieces: list[str] = []
        async with aclosing(self._events(user, request)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    message = wire.Message("assistant", "".join(pieces))
                    return wire.ChatResponse(
                        id=_identifier(),
                        created=int(time.time()),
                        model=event.model,
                        choices=[wire.Choice(message, event.reason)],
                        usage=event.usage,
                    )
                pieces.append(event)
        raise AssertionError("the engine's client ends with an answer or an error")

    async def stream(
        self, user: UUID, request: wire.ChatRequest, *, usage: bool
    ) -> AsyncGenerator[wire.Chunk]:
        """The answer in chunks; with `usage` the last one carries the counts.

        Raises:
            EngineUnavailable, ValidationFailed: as `complete`.
        """
        identifier, created = _identifier(), int(time.time())

        def chunk(choices: list[wire.ChunkChoice], counts: wire.Usage | None = None) -> wire.Chunk:
            return wire.Chunk(identifier, created, request.model, choices, usage=counts)

        begun = False
        async with aclosing(self._events(user, request)) as events:
            async for event in events:
                if not begun:
                    begun = True
                    yield chunk([wire.ChunkChoice(wire.ChunkDelta("assistant", ""))])
                if isinstance(event, str):
                    yield chunk([wire.ChunkChoice(wire.ChunkDelta(content=event))])
                    continue
                yield chunk([wire.ChunkChoice(wire.ChunkDelta(), event.reason)])
                if usage:
                    yield chunk([], event.usage)

    async def embed(self, request: Embeddings) -> EncodedVectors:
        """Vectors of unit length.

        Raises:
            EngineUnavailable: the engine is gone or busy.
            ValidationFailed: another model than the one for embeddings.
        """
        model = request.model or self._embedding_model
        if model != self._embedding_model:
            raise ValidationFailed(
                [{"field": "model", "error": f"must be {self._embedding_model}"}]
            )
        texts = [request.input] if isinstance(request.input, str) else request.input
        embedded = await self._engine.embed(texts, model=model)
        return EncodedVectors(
            [
                EncodedVector(_encoded(vector, request.encoding_format), index)
                for index, vector in enumerate(embedded.vectors)
            ],
            model,
            EmbeddingUsage(embedded.tokens, embedded.tokens),
        )

    async def models(self) -> ModelList:
        """Everything that `model` may name in these routes."""
        chat = [model.id for model in await self._models.listed()]
        return ModelList([ModelEntry(model) for model in (*chat, self._embedding_model)])

    async def model(self, identifier: str) -> ModelEntry:
        """One of them.

        Raises:
            NotFound: it is none.
        """
        for model in (await self.models()).data:
            if model.id == identifier:
                return model
        raise NotFound("No such model")

    async def _events(
        self, user: UUID, request: wire.ChatRequest
    ) -> AsyncGenerator[str | Finished]:
        try:
            async with aclosing(self._answers.chat(user, request)) as events:
                async for event in events:
                    yield event if isinstance(event, Finished) else event.text
        except ContextExceeded as error:
            limit = f" of {error.context_length} tokens" if error.context_length else ""
            raise ValidationFailed(
                [{"field": "messages", "error": f"do not fit into the model's context{limit}"}]
            ) from None


def _message(message: Message) -> wire.Message:
    return wire.Message("system" if message.role == "developer" else message.role, message.text)


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _identifier() -> str:
    return f"chatcmpl-{uuid4().hex}"


def _encoded(vector: Sequence[float], form: str) -> list[float] | str:
    if form == "float":
        return list(vector)
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
