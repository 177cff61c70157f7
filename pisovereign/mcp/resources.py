"""`POST /mcp`: the Model Context Protocol's streamable HTTP, answered in JSON, without sessions."""

from __future__ import annotations

import falcon.asgi

from pisovereign.actions.caller import Caller
from pisovereign.asgi.body import BodyReader
from pisovereign.http.allowed_hosts import LocalNames
from pisovereign.languages.detection import accepted_language
from pisovereign.mcp.gateway import Gateway


class McpResource:
    """One message, and its answer."""

    def __init__(self, gateway: Gateway, names: LocalNames, bodies: BodyReader) -> None:
        self._gateway = gateway
        self._names = names
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer, as the SDK says."""
        self._names.check(req)
        caller = Caller(req.context.user, accepted_language(req.get_header("Accept-Language")))
        reply = await self._gateway.answer(caller, req.scope, await self._bodies.read_bytes(req))
        resp.status = reply.status
        resp.data = reply.body
        if reply.body:
            resp.content_type = "application/json; charset=utf-8"
