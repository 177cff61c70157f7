"""The memory routes: thin, all rules are in the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import falcon
import falcon.asgi
import msgspec

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.asgi.query import read_query
from pisovereign.errors import NotFound, ValidationFailed
from pisovereign.memory.service import MemoryService
from pisovereign.memory.types import ListQuery, Memory, MemoryChange, NewMemory, SearchQuery

_encoder = msgspec.json.Encoder()


class MemoriesResource:
    """`GET`, `POST` and `DELETE /v1/memories`."""

    def __init__(self, service: MemoryService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the caller's memories, the newest first."""
        query = read_query(req, ListQuery)
        listed, total = await self._service.page(req.context.user.user_id, query)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Remember something."""
        new = await self._bodies.read(req, NewMemory)
        memory = await self._service.create(req.context.user.user_id, new)
        resp.status = falcon.HTTP_201
        resp.location = f"/v1/memories/{memory.id}"
        respond(resp, memory)

    async def on_delete(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Forget everything, if that is what was meant."""
        if req.get_param("confirm") != "all":
            raise ValidationFailed(
                [{"field": "confirm", "error": "must be all, to delete every memory"}]
            )
        respond(resp, {"deleted": await self._service.delete_all(req.context.user.user_id)})


class MemoryExportResource:
    """`GET /v1/memories/export`."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Every memory, as lines of JSON."""
        resp.content_type = "application/x-ndjson; charset=utf-8"
        resp.set_header("Cache-Control", "no-store")
        resp.stream = _lines(self._service.export(req.context.user.user_id))


class MemorySearchResource:
    """`GET /v1/memories/search`."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Find memories."""
        query = read_query(req, SearchQuery)
        respond(resp, await self._service.search(req.context.user.user_id, query))


class MemoryStatsResource:
    """`GET /v1/memories/stats`."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Count memories."""
        respond(resp, await self._service.stats(req.context.user.user_id))


class MemoryDecayResource:
    """`POST /v1/memories/decay`."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Let importance fade, up to now."""
        respond(resp, await self._service.decay(req.context.user.user_id))


class MemoryResource:
    """`GET`, `PATCH` and `DELETE /v1/memories/{memory_id}`."""

    def __init__(self, service: MemoryService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, memory_id: str
    ) -> None:
        """Show one memory."""
        respond(resp, await self._service.get(req.context.user.user_id, _parse_id(memory_id)))

    async def on_patch(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, memory_id: str
    ) -> None:
        """Change one memory."""
        change = await self._bodies.read(req, MemoryChange)
        memory = _parse_id(memory_id)
        respond(resp, await self._service.change(req.context.user.user_id, memory, change))

    async def on_delete(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, memory_id: str
    ) -> None:
        """Forget one memory."""
        await self._service.delete(req.context.user.user_id, _parse_id(memory_id))
        resp.status = falcon.HTTP_204


async def _lines(parts: AsyncIterator[list[Memory]]) -> AsyncIterator[bytes]:
    async for part in parts:
        yield _encoder.encode_lines(part)


def _parse_id(text: str) -> UUID:
    """The id; what cannot be one answers as an unknown one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No such memory") from None
