"""The engine's HTTP interface: OpenAI's API on a Falcon app."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from typing import Any

import falcon
import falcon.asgi
import msgspec

from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.types import AsgiApp
from pisovereign.engine.bodies import read_body, reply
from pisovereign.engine.chat import Answer, Chat
from pisovereign.engine.embedder import Embedder
from pisovereign.engine.embeddings import Embeddings, JointEmbeddings
from pisovereign.engine.errors import EngineError
from pisovereign.engine.jobs import Done, Failed
from pisovereign.engine.sse_stream import HEARTBEAT_S, AnswerStream, usage_of
from pisovereign.engine.templates import ChosenTemplate
from pisovereign.engine.whole_answer import WholeAnswer
from pisovereign.engine.worker import Worker
from pisovereign.engine_client.types import (
    JOINT_EMBEDDINGS,
    ChatRequest,
    ChatResponse,
    Choice,
    Chunk,
    ErrorBody,
    ErrorDetail,
    Health,
    ModelEntry,
)

logger = logging.getLogger(__name__)

_SEND_TIMEOUT_S = 30.0


def create_app(
    *,
    model_id: str,
    context_length: int,
    chat: Chat,
    worker: Worker,
    embedders: Sequence[Embedder],
    template: ChosenTemplate,
) -> AsgiApp:
    """Create the app; without `embedders` the engine only chats."""
    app = falcon.asgi.App()
    app.add_error_handler(EngineError, _on_engine_error)
    app.add_error_handler(falcon.HTTPError, _on_http_error)
    app.add_error_handler(Exception, _on_bug)
    app.add_route("/v1/chat/completions", ChatCompletions(model_id, chat, worker))
    app.add_route("/v1/embeddings", Embeddings(embedders))
    app.add_route(JOINT_EMBEDDINGS, JointEmbeddings(embedders))
    app.add_route("/v1/models", Models(model_id, context_length, embedders))
    app.add_route("/health", HealthResource(model_id, context_length, embedders, worker, template))
    return CancelOnDisconnect(app, send_timeout=_SEND_TIMEOUT_S)


class ChatCompletions:
    """`/v1/chat/completions`."""

    def __init__(self, model_id: str, chat: Chat, worker: Worker) -> None:
        self._model_id = model_id
        self._chat = chat
        self._worker = worker
        self._decoder = msgspec.json.Decoder(ChatRequest)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer, as one body or as a stream."""
        request = await read_body(req, self._decoder)
        answer = await self._chat.start(request)
        try:
            if request.stream:
                await self._stream(request, answer, resp)
            else:
                await self._whole(answer, resp)
        except BaseException:
            answer.close()
            raise

    async def _stream(
        self, request: ChatRequest, answer: Answer, resp: falcon.asgi.Response
    ) -> None:
        # An error that comes first gets its own status; only then is the reply a stream.
        # Whoever asks how long it takes is told at once, and of the error afterwards.
        first = None if answer.expected is not None else await answer.next(HEARTBEAT_S)
        if isinstance(first, Failed):
            raise first.error
        options = request.stream_options
        resp.content_type = "text/event-stream"
        resp.set_header("Cache-Control", "no-store")
        resp.stream = AnswerStream(
            answer,
            first,
            Chunk(_new_id(), int(time.time()), self._model_id, []),
            include_usage=options is not None and options.include_usage,
            steps=lambda: self._worker.load.steps,
        )

    async def _whole(self, answer: Answer, resp: falcon.asgi.Response) -> None:
        whole = WholeAnswer()
        while True:
            match await answer.next(HEARTBEAT_S):
                case None:
                    continue
                case Failed(error):
                    raise error
                case Done() as done:
                    choice = Choice(whole.message(), done.reason)
                    usage = usage_of(done)
                    break
                case event:
                    whole.add(event)
        now = int(time.time())
        reply(resp, ChatResponse(_new_id(), now, self._model_id, [choice], usage))


class Models:
    """`/v1/models`."""

    def __init__(self, model_id: str, context_length: int, embedders: Sequence[Embedder]) -> None:
        models = [ModelEntry(id=model_id, context_length=context_length)]
        for embedder in embedders:
            models.append(ModelEntry(id=embedder.model_id, context_length=embedder.max_tokens))
        common = {"object": "model", "created": 0, "owned_by": "pisovereign"}
        entries = [msgspec.to_builtins(model) | common for model in models]
        self._body = {"object": "list", "data": entries}

    async def on_get(self, _req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the loaded models."""
        reply(resp, self._body)


class HealthResource:
    """`/health`."""

    def __init__(
        self,
        model_id: str,
        context_length: int,
        embedders: Sequence[Embedder],
        worker: Worker,
        template: ChosenTemplate,
    ) -> None:
        self._model_id = model_id
        self._context_length = context_length
        self._embedding_model = embedders[0].model_id if embedders else None
        self._worker = worker
        self._template = template

    async def on_get(self, _req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with what is loaded and how busy it is."""
        load, totals, cache = self._worker.load, self._worker.totals, self._worker.cache
        health = Health(
            status="ok",
            model=self._model_id,
            context_length=self._context_length,
            embedding_model=self._embedding_model,
            template=self._template.template.name,
            template_warning=self._template.warning,
            queue=load.waiting,
            active=load.active,
            slots=load.slots,
            batch_occupancy=round(totals.occupancy, 2),
            prompt_tokens=totals.prompt_tokens,
            cached_tokens=totals.cached_tokens,
            completion_tokens=totals.completion_tokens,
            requests=totals.requests,
            queue_seconds=round(totals.queue_s, 3),
            prefill_tokens_per_second=round(totals.prefill.rate, 1),
            decode_tokens_per_second=round(totals.decode.rate, 1),
            cache_bytes=cache.bytes,
            cache_entries=cache.entries,
            cache_hits=cache.hits,
            steps=totals.steps,
            forced_tokens=totals.forced_tokens,
            guessed_tokens=totals.guessed_tokens,
            accepted_tokens=totals.accepted_tokens,
        )
        reply(resp, health)


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


async def _on_engine_error(
    _req: falcon.asgi.Request,
    resp: falcon.asgi.Response | None,
    error: EngineError,
    _params: dict[str, Any],
) -> None:
    assert resp is not None, "only for WebSockets, which the engine has not"
    resp.status = falcon.code_to_http_status(error.status)
    resp.set_headers(error.headers)
    reply(resp, error.body())


async def _on_http_error(
    _req: falcon.asgi.Request,
    resp: falcon.asgi.Response | None,
    error: falcon.HTTPError,
    _params: dict[str, Any],
) -> None:
    assert resp is not None, "only for WebSockets, which the engine has not"
    resp.status = error.status
    if error.headers is not None:
        resp.set_headers(error.headers)
    message = error.description or error.title or "The request cannot be served."
    reply(resp, ErrorBody(ErrorDetail(message, "invalid_request_error", "invalid_request")))


async def _on_bug(
    req: falcon.asgi.Request,
    resp: falcon.asgi.Response | None,
    error: Exception,
    _params: dict[str, Any],
) -> None:
    # The edge: whatever is not foreseen is logged here, without the body, and answered as a 500.
    logger.error("%s %s failed", req.method, req.path, exc_info=error)
    if resp is not None:
        resp.status = falcon.HTTP_500
        reply(resp, EngineError("The engine failed on this request.").body())
