"""The chat routes: thin, all rules are in the service."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

import falcon
import falcon.asgi
from msgspec import UNSET

from pisovereign.asgi import sse
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import page, respond
from pisovereign.asgi.streaming import EventStream, send
from pisovereign.chat.service import ChatService
from pisovereign.chat.types import ChatRequest, ChatResponse
from pisovereign.languages import Language
from pisovereign.languages.detection import accepted_language


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
        answer = self._service.answer(turn)
        await send(resp, EventStream(answer, _event, partial(sse.event, "error")))


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
    if piece.degraded is not UNSET:
        done["degraded"] = piece.degraded
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
