"""Ollama's routes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, TypeVar

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.json_lines import JSON_LINES
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.asgi.sse import EventStream, send_stream
from pisovereign.dialects.ollama import examples
from pisovereign.dialects.ollama.installed import Installed
from pisovereign.dialects.ollama.key_in_path import ALIVE
from pisovereign.dialects.ollama.pulling import SUCCESS, Pulling
from pisovereign.dialects.ollama.reply_types import (
    ChatReply,
    Embeddings,
    Failure,
    GenerateReply,
    InstalledModels,
    OldEmbedding,
    Progress,
    RunningModels,
    ShownModel,
    Version,
)
from pisovereign.dialects.ollama.service import Asked, OllamaService
from pisovereign.dialects.ollama.types import Chat, Embed, Generate, Named, OldEmbed
from pisovereign.errors import ValidationFailed

T = TypeVar("T", bound=msgspec.Struct)
# What programs compare before they use something: tools in streams and thoughts are of 0.9.
VERSION = "0.12.0"
_encoder = msgspec.json.Encoder()
# Clients say what a body is as they like: curl says that it is a form.
_get = partial(route, "GET", text_errors=True, errors=(502,))
_post = partial(
    route, "POST", ignore_unknown=True, any_type=True, text_errors=True, errors=(404, 502)
)


class OllamaRoutes(Routes, tag="Ollama"):
    """Ollama's dialect over HTTP; all rules are in the service.

    Args:
        service: Answers.
        installed: Tells of models.
        pulling: Fetches them.
    """

    def __init__(self, service: OllamaService, installed: Installed, pulling: Pulling) -> None:
        self._service = service
        self._installed = installed
        self._pulling = pulling

    @route("GET", ALIVE, head=True, text_errors=True, documented=False)
    async def alive(self, req: Request, resp: Response) -> None:
        """Say what programs ask the address of an Ollama for."""
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = "Ollama is running"

    @_get(
        "/api/version",
        operation_id="ollamaVersion",
        summary="The version of Ollama's API",
        head=True,
        example=Example(response={"version": VERSION}),
    )
    async def version(self, req: Request, resp: Response) -> Version:
        """Tell which version of Ollama's API this is, which programs compare; it is not our own."""
        return Version(VERSION)

    @_get(
        "/api/tags",
        operation_id="ollamaTags",
        summary="List models in Ollama's form",
        head=True,
        example=Example(response={"models": examples.INSTALLED}),
    )
    async def tags(self, req: Request, resp: Response) -> InstalledModels:
        """List the models that may be named in these routes: the one in use, and for embeddings.

        Each is known with `:latest` and without.
        """
        return InstalledModels(await self._installed.listed())

    @_get(
        "/api/ps",
        operation_id="ollamaPs",
        summary="List models in memory in Ollama's form",
        example=Example(response={"models": [examples.RUNNING]}),
    )
    async def ps(self, req: Request, resp: Response) -> RunningModels:
        """Show the model in use, which stays in memory; nothing while it is being loaded."""
        return RunningModels(await self._installed.running())

    @_post(
        "/api/show",
        operation_id="ollamaShow",
        summary="Show a model in Ollama's form",
        example=Example(request={"model": "smollm2-135m-instruct"}, response=examples.SHOWN),
    )
    async def show(self, req: Request, resp: Response, body: Named) -> ShownModel:
        """Show what is known of one of these models. Its template is its own, and not told."""
        return await self._installed.shown(_wanted(body))

    @_post(
        "/api/chat",
        operation_id="ollamaChat",
        summary="Chat in Ollama's form",
        response=ChatReply,
        media_type=JSON_LINES,
        example=Example(request=examples.CHAT, response=examples.CHAT_END),
    )
    async def chat(self, req: Request, resp: Response, body: Chat) -> ChatReply | None:
        """Chat in Ollama's form, for programs that speak it ([how to set them up](ollama.md)).

        The answer comes in lines of JSON, of which the last has `done`, or as one with `stream`
        false. Nothing is stored, no memories are used and no commands carried out. Where a
        conversation does not fit into the model's context, its oldest turns are left out, four at
        a time.

        A model that may call `tools` does so in a line of its own for each call, with its
        arguments as an object. `format` is `json` or a JSON Schema. A model that can think first
        does so only with `think`; what it thought is `thinking`. Of `options`, `temperature`,
        `top_p`, `top_k`, `min_p`, `repeat_penalty`, `seed`, `stop` and `num_predict` work;
        `num_ctx` and all others are ignored: how long a context is, the server says. So is
        `keep_alive`: the model in use stays in memory. Pictures are refused. The values of
        [`/v1/chat/completions`](#post-v1chatcompletions) are the defaults here, too.
        """
        asked = await self._service.chat(req.context.user.user_id, body)
        if body.stream is False:
            return await self._service.whole(asked)
        await self._send_answer(resp, asked)
        return None

    @_post(
        "/api/generate",
        operation_id="ollamaGenerate",
        summary="Answer one text in Ollama's form",
        response=GenerateReply,
        media_type=JSON_LINES,
        example=Example(request=examples.GENERATE, response=examples.GENERATE_END),
    )
    async def generate(self, req: Request, resp: Response, body: Generate) -> GenerateReply | None:
        """Answer a `prompt`, with a `system` text or without, as `/api/chat` answers a message.

        An empty one says that the model is there. `raw`, `template`, `suffix` and `images` are
        refused; `context` is ignored, and none is given.
        """
        asked = await self._service.generate(req.context.user.user_id, body)
        if body.stream is False:
            return await self._service.whole(asked)
        await self._send_answer(resp, asked)
        return None

    @_post(
        "/api/embed",
        operation_id="ollamaEmbed",
        summary="Vectors of texts in Ollama's form",
        example=Example(
            request={"model": "all-minilm-l6-v2", "input": ["a cat"]}, response=examples.EMBEDDINGS
        ),
    )
    async def embed(self, req: Request, resp: Response, body: Embed) -> Embeddings:
        """Return vectors of up to 512 texts: those of [`/v1/embeddings`](#post-v1embeddings).

        `all-minilm` is taken for `all-minilm-l6-v2`, which it is. With `dimensions`, only so many
        numbers of each are given. What is longer than the model reads is cut.
        """
        return await self._service.embed(body)

    @_post(
        "/api/embeddings",
        operation_id="ollamaEmbeddings",
        summary="A vector in Ollama's older form",
        example=Example(
            request={"model": "all-minilm-l6-v2", "prompt": "a cat"},
            response={"embedding": [0.011, -0.042]},
        ),
    )
    async def embeddings(self, req: Request, resp: Response, body: OldEmbed) -> OldEmbedding:
        """Return the vector of one text, as older programs ask for it."""
        return await self._service.embed_one(body)

    @_post(
        "/api/pull",
        operation_id="ollamaPull",
        summary="Fetch a model in Ollama's form",
        scope="admin",
        response=Progress,
        media_type=JSON_LINES,
        example=Example(
            request={"model": "smollm2-135m-instruct"}, response='{"status": "success"}\n'
        ),
    )
    async def pull(self, req: Request, resp: Response, body: Named) -> Progress | None:
        """Fetch a model of the [catalog](models.md#the-catalog), and tell how far it got.

        It is what [`POST /v1/system/models/{model}/pull`](#post-v1systemmodelsmodelpull) does, and
        goes on where the client leaves. It does not change which model is in use. Other names are
        404: nothing is fetched from Ollama's own library.
        """
        model = self._pulling.find(_wanted(body))
        lines = self._pulling.follow(model)
        if body.stream is False:
            async for _ in lines:
                pass
            return SUCCESS
        await _send(resp, lines)
        return None

    async def _send_answer(self, resp: Response, asked: Asked[Any]) -> None:
        await _send(resp, self._service.stream(asked))


async def _send(resp: Response, lines: AsyncGenerator[T]) -> None:
    stream = EventStream(lines, _line, _last_line, heartbeat=b"")
    await send_stream(resp, stream, JSON_LINES)


def _line(piece: msgspec.Struct) -> bytes:
    return _encoder.encode(piece) + b"\n"


def _last_line(error: dict[str, Any]) -> bytes:
    return _line(Failure(error["message"]))


def _wanted(body: Named) -> str:
    """Return the model that a body names.

    Raises:
        ValidationFailed: None.
    """
    if not body.wanted:
        raise ValidationFailed([{"field": "model", "error": "is required"}])
    return body.wanted
