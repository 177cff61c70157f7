"""The route of the Model Context Protocol: streamable HTTP, answered in JSON, without sessions."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.actions.caller import Caller
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.mcp.gateway import McpGateway
from pisovereign.mcp.types import RpcAnswer, RpcMessage


class McpRoutes(Routes, tag="MCP"):
    """The protocol over HTTP."""

    def __init__(self, gateway: McpGateway, hosts: AllowedHosts, bodies: BodyReader) -> None:
        self._gateway = gateway
        self._hosts = hosts
        self._bodies = bodies

    @route(
        "POST",
        "/mcp",
        summary="Speak the Model Context Protocol",
        ignore_unknown=True,
        body=RpcMessage,
        response=RpcAnswer,
        example=Example(
            request={"jsonrpc": "2.0", "id": 1, "method": "ping"},
            response={"jsonrpc": "2.0", "id": 1, "result": {}},
        ),
    )
    async def mcp(self, req: Request, resp: Response) -> None:
        """Speak the [Model Context Protocol](mcp.md), streamable HTTP without sessions.

        A request is one JSON-RPC message, and is answered in JSON. What the protocol itself refuses
        is a JSON-RPC error with status 400, 404 or 406; a notification gets 202. A `Host` that does
        not name this server, or an `Origin` of another one, is 403.
        """
        self._hosts.check(req)
        caller = Caller(req.context.user, req.context.language)
        reply = await self._gateway.answer(caller, req.scope, await self._bodies.read_bytes(req))
        resp.status = reply.status
        resp.data = reply.body
        if reply.body:
            resp.content_type = "application/json; charset=utf-8"
