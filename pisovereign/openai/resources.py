"""OpenAI's routes: thin, all rules are in the service."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import falcon.asgi
import msgspec

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.asgi.streaming import EventStream, send
from pisovereign.engine_client.types import Chunk
from pisovereign.openai.answering import Prepared
from pisovereign.openai.service import OpenAiService
from pisovereign.openai.types import ChatCompletion, Embeddings

_encoder = msgspec.json.Encoder()


class ChatCompletionsResource:
    """`POST /v1/chat/completions`."""

    def __init__(self, service: OpenAiService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer at once, or piece by piece."""
        asked = await self._bodies.read(req, ChatCompletion, ignore_unknown=True)
        prepared = await self._service.prepare(req.context.user.user_id, asked)
        if not asked.stream:
            respond(resp, await self._service.complete(prepared))
            return
        usage = asked.stream_options is not None and asked.stream_options.include_usage
        pieces = self._chunks(prepared, usage=usage)
        await send(resp, EventStream(pieces, _event, lambda error: _event({"error": error})))

    async def _chunks(self, asked: Prepared, *, usage: bool) -> AsyncGenerator[Chunk | None]:
        """The chunks, and None as the mark of the end."""
        async with aclosing(self._service.stream(asked, usage=usage)) as chunks:
            async for chunk in chunks:
                yield chunk
        yield None


class EmbeddingsResource:
    """`POST /v1/embeddings`."""

    def __init__(self, service: OpenAiService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Vectors of texts."""
        request = await self._bodies.read(req, Embeddings, ignore_unknown=True)
        respond(resp, await self._service.embed(request))


class ModelListResource:
    """`GET /v1/models`."""

    def __init__(self, service: OpenAiService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the models."""
        respond(resp, await self._service.models())


class ModelEntryResource:
    """`GET /v1/models/{model_id}`."""

    def __init__(self, service: OpenAiService) -> None:
        self._service = service

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, model_id: str
    ) -> None:
        """Show one model."""
        respond(resp, await self._service.model(model_id))


def _event(data: Any) -> bytes:
    return b"data: [DONE]\n\n" if data is None else b"data: " + _encoder.encode(data) + b"\n\n"
