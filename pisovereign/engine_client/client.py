"""Client of the engine, or of any OpenAI-compatible server in its place."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

import aiohttp
import msgspec

from pisovereign.admission.fair_limiter import release_permit
from pisovereign.engine_client.answer_events import (
    AnswerEvent,
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    Expected,
    Finished,
    Reasoning,
)
from pisovereign.engine_client.answer_reading import ChunkReader
from pisovereign.engine_client.meter import AnswerReader, InferenceMeter, NullMeter
from pisovereign.engine_client.priority import InteractiveRequests
from pisovereign.engine_client.replies import (
    ChunkReply,
    EmbeddingsReply,
    ModelsReply,
    translate_error,
)
from pisovereign.engine_client.sse import EventReader
from pisovereign.engine_client.types import (
    JOINT_EMBEDDINGS,
    KEEPALIVE_S,
    ChatRequest,
    EngineStatistics,
    JointEmbeddingRequest,
    JointEmbeddingResponse,
    LoadedModels,
    ModelEntry,
    StreamOptions,
    encode,
)
from pisovereign.errors import (
    ContextExceeded,
    EngineMisbehaved,
    EngineUnavailable,
    HostFailed,
    Refused,
)

__all__ = [
    "AnswerEvent",
    "AnswerPiece",
    "CallArguments",
    "CallStarted",
    "ContextExceeded",
    "Delta",
    "Embedded",
    "EngineClient",
    "EngineHealth",
    "EngineMisbehaved",
    "EngineUnavailable",
    "Expected",
    "Finished",
    "Reasoning",
]

_CONNECT_S = 5.0
_QUICK_S = 5.0
_ERROR_LIMIT = 64 * 1024
_BODY_LIMIT = 64 * 1024 * 1024
_DONE = b"[DONE]"

_Reply = TypeVar("_Reply")


class Embedded(msgspec.Struct, frozen=True):
    """Vectors, and how many tokens they took; 0 when the server does not count."""

    vectors: list[list[float]]
    tokens: int


class EngineHealth(msgspec.Struct, frozen=True):
    """The model's id and its context length in tokens, as far as the server tells.

    `statistics` are those of our own engine only, and so is `template_warning`: why a conversation
    is not marked up as the model's file says; empty where it is.
    """

    model: str | None
    context_length: int | None
    embedding_model: str | None = None
    queue: int = 0
    active: int = 0
    statistics: EngineStatistics | None = None
    template_warning: str = ""


class EngineClient:
    """A client for one server. It may be created anywhere, and is used on one event loop.

    Args:
        target: a UNIX socket's path, or a base URL such as `http://host:8080/v1`.
        api_key: sent as a bearer token when not empty.
        timeout_s: longest wait for a sign of life: the first byte, or the next one.
        connector: makes the connections to a base URL, from how long unused ones are kept; None:
            plain ones.
        meter: is told of each answer.

    Attributes:
        interactive: counts requests that people wait for.
        own: whether it is our engine, which can do more than OpenAI's API.
    """

    def __init__(
        self,
        target: str,
        *,
        api_key: str = "",
        timeout_s: float = 60.0,
        connector: Callable[[float], aiohttp.TCPConnector] | None = None,
        meter: InferenceMeter | None = None,
    ) -> None:
        self._socket = None if target.startswith(("http://", "https://")) else target
        self.own = self._socket is not None
        base = "http://engine/v1" if self._socket else target.rstrip("/")
        self._base = base
        self._root = base.removesuffix("/v1")
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._connector = connector
        self._meter = meter or NullMeter()
        self.interactive = InteractiveRequests()
        self._session: aiohttp.ClientSession | None = None
        self._fresh_session: aiohttp.ClientSession | None = None
        self._chunks = msgspec.json.Decoder(ChunkReply)

    async def chat(
        self,
        request: ChatRequest,
        *,
        low_priority: bool = False,
        reader: AnswerReader | None = None,
    ) -> AsyncGenerator[AnswerEvent]:
        """Stream an answer; the last item is `Finished`. Closing the iterator stops the engine.

        A request of `low_priority` is not counted as interactive, and our own engine pauses it for
        those that are. A `reader` that has enough closes the iterator on purpose.

        Raises:
            EngineUnavailable: not reachable, busy, or gone before the answer was complete.
            ContextExceeded: the prompt does not fit.
            PromptTooSlow: it takes longer to be read than the request allows.
            EngineMisbehaved: the server's answer makes no sense.
        """
        request = msgspec.structs.replace(request, stream=True, stream_options=StreamOptions(True))
        if low_priority and self._socket:  # others may charge for it, or refuse it
            request = msgspec.structs.replace(request, service_tier="flex")
        body = encode(request)
        turn = contextlib.nullcontext() if low_priority else self.interactive.track()
        with turn, self._meter.request(reader) as record:
            async with self._post("/chat/completions", body, self._model_session()) as response:
                answer = ChunkReader(request.model, record)
                incoming = EventReader()
                async for piece in response.content.iter_any():
                    for data in self._events(incoming, piece):
                        if data == _DONE:
                            yield answer.finish()
                            return
                        for event in answer.take(self._chunk(data)):
                            yield event
                for data in incoming.finish():
                    if data != _DONE:
                        for event in answer.take(self._chunk(data)):
                            yield event
            yield answer.finish()

    async def embed(self, texts: Sequence[str], *, model: str = "") -> Embedded:
        """Return vectors of the texts, in their order.

        Raises:
            EngineUnavailable: not reachable or busy.
            EngineMisbehaved: the server's answer makes no sense.
        """
        body = encode({"input": list(texts), "model": model})
        async with self._post("/embeddings", body, self._client()) as response:
            reply = _decode(await _read(response, _BODY_LIMIT), EmbeddingsReply)
        if sorted(row.index for row in reply.data) != list(range(len(texts))):
            raise EngineMisbehaved("The engine returned other embeddings than it was asked for")
        rows = sorted(reply.data, key=lambda row: row.index)
        tokens = reply.usage.usage().total_tokens if reply.usage else 0
        return Embedded([row.embedding for row in rows], tokens)

    async def embed_jointly(
        self, texts: Sequence[str], models: Sequence[str]
    ) -> dict[str, list[array[float]]]:
        """Return vectors of the texts by model, from our own engine in one round trip.

        Models that are not there are left out.

        Raises:
            EngineUnavailable: not reachable or busy.
            EngineMisbehaved: the server's answer makes no sense.
        """
        body = encode(JointEmbeddingRequest(input=list(texts), models=list(models)))
        path = JOINT_EMBEDDINGS.removeprefix("/v1")
        async with self._post(path, body, self._client()) as response:
            reply = _decode(await _read(response, _BODY_LIMIT), JointEmbeddingResponse)
        try:
            return {
                model: [array("f", row) for row in rows] for model, rows in reply.vectors.items()
            }
        except ValueError:
            raise EngineMisbehaved("The engine's vectors are cut off") from None

    async def health(self, limit_s: float | None = None) -> EngineHealth:
        """Return what answers; raise if nothing does.

        Args:
            limit_s: how long to wait; None: 5 seconds.

        Raises:
            EngineUnavailable: not reachable or still loading.
            EngineMisbehaved: it is no OpenAI-compatible server.
        """
        async with self._get(f"{self._root}/health", limit_s or _QUICK_S) as response:
            if response.status == 200:
                with contextlib.suppress(EngineMisbehaved):
                    return _health(await _read(response, _ERROR_LIMIT))
            elif response.status == 503:
                raise EngineUnavailable("The engine is loading its model")
        models = await self._models()
        first = models[0] if models else None
        return EngineHealth(first.id if first else None, first.length if first else None)

    async def models(self) -> list[str]:
        """Ids of the models the server has.

        Raises:
            EngineUnavailable: not reachable.
            EngineMisbehaved: it is no OpenAI-compatible server.
        """
        return [model.id for model in await self._models()]

    async def close(self) -> None:
        """Close all connections."""
        for session in (self._session, self._fresh_session):
            if session is not None:
                await session.close()

    async def _models(self) -> list[ModelEntry]:
        async with self._get(f"{self._base}/models") as response:
            body = await _read(response, _BODY_LIMIT)
            if response.status != 200:
                raise translate_error(response.status, body, response.headers.get("Retry-After"))
        return _decode(body, ModelsReply).data or []

    def _events(self, reader: EventReader, piece: bytes) -> list[bytes]:
        try:
            return reader.feed(piece)
        except ValueError as error:
            raise EngineMisbehaved(f"The engine's stream is broken: {error}") from None

    def _chunk(self, data: bytes) -> ChunkReply:
        try:
            return self._chunks.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise EngineMisbehaved("The engine's stream holds something unknown") from None

    @contextlib.asynccontextmanager
    async def _post(
        self, path: str, body: bytes, session: aiohttp.ClientSession
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        release_permit()
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=_CONNECT_S, sock_read=self._timeout_s
        )
        with _translated():
            async with session.post(
                self._base + path,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    text = await _read(response, _ERROR_LIMIT)
                    retry_after = response.headers.get("Retry-After")
                    raise translate_error(response.status, text, retry_after)
                yield response

    @contextlib.asynccontextmanager
    async def _get(
        self, url: str, limit_s: float = _QUICK_S
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        release_permit()
        timeout = aiohttp.ClientTimeout(total=limit_s)
        with _translated():
            session = self._model_session()
            async with session.get(url, timeout=timeout, allow_redirects=False) as response:
                yield response

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = self._connections()
            headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
            self._session = aiohttp.ClientSession(connector=connector, headers=headers)
        return self._session

    def _model_session(self) -> aiohttp.ClientSession:
        """Return the session for requests that depend on the model in use.

        For our own engine it opens a new connection each time. A kept one may lead to an engine
        that has given its socket's name to another one and is about to end: it would answer with
        the previous model. Embeddings are the same from both.
        """
        if self._socket is None:
            return self._client()
        if self._fresh_session is None:
            connector = aiohttp.UnixConnector(self._socket, limit=0, force_close=True)
            self._fresh_session = aiohttp.ClientSession(connector=connector)
        return self._fresh_session

    def _connections(self) -> aiohttp.BaseConnector:
        # As many connections as there are answers being written: each is one.
        if self._socket:
            return aiohttp.UnixConnector(self._socket, limit=0, keepalive_timeout=KEEPALIVE_S)
        if self._connector is not None:
            return self._connector(KEEPALIVE_S)
        return aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_S)


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > limit:
            raise EngineMisbehaved("The engine's answer is too large")
        parts.append(part)
    return b"".join(parts)


def _health(body: bytes) -> EngineHealth:
    """Read the health of our engine, or of what answers like it, as far as it tells."""
    loaded = _decode(body, LoadedModels)
    statistics = None
    with contextlib.suppress(EngineMisbehaved):
        statistics = _decode(body, EngineStatistics)
    return EngineHealth(
        loaded.model,
        loaded.context_length,
        loaded.embedding_model,
        loaded.queue,
        loaded.active,
        statistics,
        loaded.template_warning,
    )


def _decode(body: bytes, kind: type[_Reply]) -> _Reply:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise EngineMisbehaved("The engine's answer is not what was asked for") from None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn failures of the connection into ours."""
    try:
        yield
    except TimeoutError:
        raise EngineUnavailable("The engine does not answer in time") from None
    except (HostFailed, Refused) as error:
        raise EngineUnavailable(error.message) from None
    except aiohttp.ClientPayloadError:
        raise EngineUnavailable("The engine stopped in the middle of its answer") from None
    except (aiohttp.ServerDisconnectedError, ConnectionResetError):
        raise EngineUnavailable("The engine closed the connection") from None
    except aiohttp.ClientConnectionError:
        raise EngineUnavailable("The engine cannot be reached") from None
    except aiohttp.ClientError as error:
        raise EngineMisbehaved(f"The engine does not speak HTTP: {type(error).__name__}") from None
