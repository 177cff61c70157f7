"""OpenAI's requests, carried out by the engine."""

from __future__ import annotations

import base64
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from pisovereign.config import Config
from pisovereign.dialects.completions.answering import CompletionRunner, PreparedRequest
from pisovereign.dialects.completions.vectors import shortened
from pisovereign.dialects.openai.replies import ChunkBuilder, ResponseBuilder
from pisovereign.dialects.openai.requests import CallableTools, callable_tools, checked_messages
from pisovereign.dialects.openai.types import (
    ChatCompletion,
    Embeddings,
    EmbeddingUsage,
    EncodedVector,
    EncodedVectors,
    ModelEntry,
    ModelList,
)
from pisovereign.engine_client import types as wire
from pisovereign.engine_client.answer_cache import CachedAnswers
from pisovereign.engine_client.client import AnswerEvent, EngineClient, Expected, Finished
from pisovereign.errors import NotFound, ValidationFailed
from pisovereign.system.served_models import ServedModels


class OpenAiService:
    """Chat completions, embeddings and models; nothing is stored or remembered."""

    def __init__(
        self, config: Config, engine: EngineClient, answers: CachedAnswers, models: ServedModels
    ) -> None:
        self._inference = config.inference
        self._embedding_models = config.memory.embedding_ids
        self._embedding_aliases = config.memory.embedding_aliases
        self._engine = engine
        self._answering = CompletionRunner(answers)
        self._models = models

    async def prepare(self, user: UUID, request: ChatCompletion) -> PreparedRequest:
        """Return the engine's form of a request.

        Raises:
            ValidationFailed: A model that is not there, or what it cannot do.
        """
        messages = checked_messages(request.messages)
        tools = callable_tools(request, own=self._engine.own)
        model = await self._chat_model(request.model)
        return PreparedRequest.of(user, self._request(request, model, messages, tools))

    def events(self, asked: PreparedRequest) -> AsyncGenerator[AnswerEvent]:
        """Yield the answer as the engine gives it; the last event is `Finished`.

        Raises:
            EngineUnavailable, ValidationFailed: as `complete`.
        """
        return self._answering.events(asked)

    async def complete(self, asked: PreparedRequest) -> wire.ChatResponse:
        """Return the whole answer.

        Raises:
            EngineUnavailable: The engine is gone, also in the middle.
            ValidationFailed: The messages do not fit into the model's context.
        """
        whole = ResponseBuilder()
        async with aclosing(self.events(asked)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return whole.response(event)
                if not isinstance(event, Expected):
                    whole.add(event)
        raise AssertionError("the engine's client ends with an answer or an error")

    async def stream(self, asked: PreparedRequest, *, usage: bool) -> AsyncGenerator[wire.Chunk]:
        """Yield the answer in chunks; with `usage` the last one carries the counts.

        Raises:
            EngineUnavailable, ValidationFailed: as `complete`.
        """
        chunks = ChunkBuilder(asked.request.model, usage=usage)
        async with aclosing(self.events(asked)) as events:
            async for event in events:
                for chunk in chunks.add(event):
                    yield chunk

    async def embed(self, request: Embeddings) -> EncodedVectors:
        """Return vectors of unit length, and the name of the model that they are from.

        Raises:
            EngineUnavailable: The engine is gone or busy.
            ValidationFailed: Another model than those for embeddings or their aliases, or more
                dimensions than it has.
        """
        model = self._embedding_model(request.model)
        embedded = await self._engine.embed(request.texts, model=model)
        vectors = embedded.vectors
        if request.dimensions is not None:
            most = len(vectors[0])
            if request.dimensions > most:
                text = f"must be at most {most}: the vectors of {model} have no more"
                raise ValidationFailed([{"field": "dimensions", "error": text}])
            vectors = [shortened(vector, request.dimensions) for vector in vectors]
        return EncodedVectors(
            [
                EncodedVector(_encoded(vector, request.encoding_format), index)
                for index, vector in enumerate(vectors)
            ],
            model,
            EmbeddingUsage(embedded.tokens, embedded.tokens),
        )

    async def models(self) -> ModelList:
        """Return everything that `model` may name in these routes."""
        chat = [model.id for model in await self._models.listed()]
        return ModelList([ModelEntry(model) for model in (*chat, *self._embedding_models)])

    async def model(self, identifier: str) -> ModelEntry:
        """Return one model, also by a name that is only taken for it.

        Raises:
            NotFound: There is no such model.
        """
        for model in (await self.models()).data:
            if model.id == identifier:
                return model
        if _is_one_of(identifier, (*self._inference.aliases, *self._embedding_aliases)):
            return ModelEntry(identifier)
        raise NotFound("No such model")

    async def _chat_model(self, name: str) -> str:
        """Return the id of the model that answers where this one is named.

        Raises:
            ValidationFailed: None does.
        """
        alias = _is_one_of(name, self._inference.aliases)
        if alias and self._engine.own:
            return await self._models.active()
        try:
            await self._models.require(name)
        except ValidationFailed:
            if not alias:  # the names that another server has come first
                raise
            return await self._models.active()
        return await self._models.resolve(name)

    def _embedding_model(self, name: str) -> str:
        if name in self._embedding_models:
            return name
        if not name or _is_one_of(name, self._embedding_aliases):
            return self._embedding_models[0]
        known = " or ".join(self._embedding_models)
        raise ValidationFailed([{"field": "model", "error": f"must be {known}"}])

    def _request(
        self,
        request: ChatCompletion,
        model: str,
        messages: list[wire.Message],
        offered: CallableTools,
    ) -> wire.ChatRequest:
        """Return the engine's form of a request."""
        inference = self._inference
        return wire.ChatRequest(
            model=model,
            messages=messages,
            stream=True,
            temperature=_given(request.temperature, inference.temperature),
            top_p=_given(request.top_p, inference.top_p),
            top_k=request.top_k,
            min_p=request.min_p,
            repeat_penalty=request.repeat_penalty,
            # Another server may refuse what it does not know.
            repetition_guard=request.repetition_guard or not self._engine.own,
            seed=request.seed,
            stop=request.stop,
            max_tokens=(
                request.max_completion_tokens or request.max_tokens or inference.max_tokens
            ),
            response_format=request.response_format,
            tools=offered.tools,
            tool_choice=offered.choice,
            parallel_tool_calls=request.parallel_tool_calls,
            reasoning_effort=request.reasoning_effort,
        )


def _is_one_of(name: str, patterns: Sequence[str]) -> bool:
    """Return whether a name is one of those, or begins as one that ends with `*`."""
    return any(
        name.startswith(each[:-1]) if each.endswith("*") else name == each for each in patterns
    )


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _encoded(vector: Sequence[float], form: str) -> list[float] | str:
    if form == "float":
        return list(vector)
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
