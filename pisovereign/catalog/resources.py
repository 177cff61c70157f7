"""The catalog routes: thin, all rules are in the service."""

from __future__ import annotations

import falcon
import falcon.asgi

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.asgi.query import read_query
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.types import Count, ExecuteRequest, ListQuery, NewCommand, SearchQuery


class CatalogResource:
    """`GET` and `POST /v1/commands/catalog`."""

    def __init__(self, service: CatalogService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the defaults, and the caller's commands behind them."""
        query = read_query(req, ListQuery)
        user = req.context.user.user_id
        listed, total = await self._service.page(user, query.limit, query.offset)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Add a command."""
        new = await self._bodies.read(req, NewCommand)
        command = await self._service.create(req.context.user, new)
        resp.status = falcon.HTTP_201
        resp.location = f"/v1/commands/catalog/{command.id}"
        respond(resp, command)


class CatalogSearchResource:
    """`GET /v1/commands/catalog/search`."""

    def __init__(self, service: CatalogService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Find commands by words."""
        query = read_query(req, SearchQuery)
        user = req.context.user.user_id
        found, total = await self._service.search(user, query.q, query.limit, query.offset)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, found)


class CatalogCountResource:
    """`GET /v1/commands/catalog/count`."""

    def __init__(self, service: CatalogService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Count commands."""
        respond(resp, Count(await self._service.count(req.context.user.user_id)))


class CatalogCommandResource:
    """`GET` and `DELETE /v1/commands/catalog/{command_id}`."""

    def __init__(self, service: CatalogService) -> None:
        self._service = service

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, command_id: str
    ) -> None:
        """Show one command."""
        respond(resp, await self._service.get(req.context.user.user_id, command_id))

    async def on_delete(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, command_id: str
    ) -> None:
        """Delete one command."""
        await self._service.delete(req.context.user, command_id)
        resp.status = falcon.HTTP_204


class CatalogExecuteResource:
    """`POST /v1/commands/catalog/{command_id}/execute`."""

    def __init__(self, service: CatalogService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, command_id: str
    ) -> None:
        """Execute one command."""
        asked = await self._bodies.read_optional(req, ExecuteRequest)
        respond(resp, await self._service.execute(req.context.user, command_id, asked.arguments))
