"""The chat routes: thin, all rules are in the service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import falcon
import falcon.asgi
from msgspec import UNSET

from pisovereign.chat.command_turn import CommandTurn
from pisovereign.chat.service import ChatService, PendingTurn
from pisovereign.chat.types import ChatRequest, ChatResponse
from pisovereign.commands.sources import Language
from pisovereign.errors import InternalError, PiSovereignError
from pisovereign.http import sse
from pisovereign.http.body import BodyReader
from pisovereign.http.errors import error_object, log_unexpected
from pisovereign.http.language import accepted_language
from pisovereign.http.media import page, respond


class ChatResource:
    """`POST /v1/chat`."""

    def __init__(self, service: ChatService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer when the whole answer is there."""
        request = await self._bodies.read(req, ChatRequest)
        turn = await self._service.begin(req.context.user, request, language=_language(req))
        async with contextlib.aclosing(self._service.answer(turn)) as answer:
            async for piece in answer:
                if isinstance(piece, ChatResponse):
                    respond(resp, piece)


class ChatStreamResource:
    """`POST /v1/chat/stream`."""

    def __init__(self, service: ChatService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer piece by piece."""
        request = await self._bodies.read(req, ChatRequest)
        turn = await self._service.begin(req.context.user, request, language=_language(req))
        stream = AnswerStream(self._service, turn)
        try:
            # An engine that is down says so at once: then the client gets a real status.
            await stream.prime()
        except BaseException:
            await stream.close()
            raise
        resp.content_type = "text/event-stream; charset=utf-8"
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Accel-Buffering", "no")
        resp.stream = stream


class AnswerStream:
    """The bytes of one answer's event stream.

    Falcon calls `close` when the response ends in whatever way, which ends the generation.
    """

    def __init__(self, service: ChatService, turn: PendingTurn | CommandTurn) -> None:
        self._answer = service.answer(turn)
        self._first = asyncio.create_task(self._next())
        self._events = self._render()

    async def prime(self) -> None:
        """Wait briefly for the first piece; raises what went wrong before it."""
        await asyncio.wait((self._first,), timeout=sse.HEARTBEAT_S / 2)
        if self._first.done():
            self._first.result()

    def __aiter__(self) -> AnswerStream:
        return self

    async def __anext__(self) -> bytes:
        """The next event or heartbeat."""
        return await anext(self._events)

    async def _next(self) -> str | ChatResponse:
        return await anext(self._answer)

    async def _render(self) -> AsyncGenerator[bytes]:
        """The events; an error becomes the last one."""
        async for beat in sse.first_or_beat(self._first):
            yield beat
        try:
            yield _event(await self._first)
            async for piece in self._answer:
                yield _event(piece)
        except PiSovereignError as error:
            yield sse.event("error", error_object(error))
        except Exception as error:  # noqa: BLE001 - the edge: the status line is sent already
            log_unexpected(error)
            yield sse.event("error", error_object(InternalError("An internal error occurred")))

    async def close(self) -> None:
        """Stop the generation if it is still running."""
        await self._events.aclose()
        self._first.cancel()
        await asyncio.wait((self._first,))
        if not self._first.cancelled():
            self._first.exception()  # already told to the client, or of no interest any more
        await self._answer.aclose()


def _language(req: falcon.asgi.Request) -> Language:
    return accepted_language(req.get_header("Accept-Language"))


def _event(piece: str | ChatResponse) -> bytes:
    if isinstance(piece, str):
        return sse.event("message", {"delta": piece})
    done: dict[str, Any] = {
        "tokens": piece.tokens,
        "id": piece.id,
        "conversation_id": piece.conversation_id,
        "model": piece.model,
        "finish_reason": piece.finish_reason,
        "memories": piece.memories,
        "created_at": piece.created_at,
    }
    if piece.command is not UNSET:
        done["command"] = piece.command
    return sse.event("done", done)


class ConversationsResource:
    """`GET /v1/conversations`."""

    def __init__(self, service: ChatService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the caller's conversations, the latest first."""
        limit, offset = page(req, default=100, most=500)
        listed, total = await self._service.conversations(req.context.user.user_id, limit, offset)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)


class ConversationResource:
    """`GET` and `DELETE /v1/conversations/{conversation_id}`."""

    def __init__(self, service: ChatService) -> None:
        self._service = service

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, conversation_id: str
    ) -> None:
        """Show one conversation."""
        user = req.context.user.user_id
        respond(resp, await self._service.conversation(user, conversation_id))

    async def on_delete(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, conversation_id: str
    ) -> None:
        """Forget one conversation."""
        await self._service.delete(req.context.user.user_id, conversation_id)
        resp.status = falcon.HTTP_204
