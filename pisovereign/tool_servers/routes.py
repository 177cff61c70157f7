"""The routes of tool servers."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.config import McpAddress
from pisovereign.tool_servers.service import ToolServerService
from pisovereign.tool_servers.types import Allowed, ServerTest, Tools, ToolServer, ToolServers

_SERVER: dict[str, Any] = {
    "name": "notes",
    "kind": "http",
    "source": "saved",
    "editable": True,
    "url": "https://notes.example.org/mcp",
    "command": [],
    "folders": [],
    "network": False,
    "token_set": True,
    "env_set": [],
    "state": {"status": "works", "since": None, "error": None},
    "tools": 2,
    "allowed": 1,
    "changed": 0,
    "updated_at": "2026-02-07T10:30:00.159707Z",
}
_TOOL: dict[str, Any] = {
    "name": "read_note",
    "called": "notes__read_note",
    "description": "Read a note.",
    "input_schema": {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    },
    "annotations": {"readOnlyHint": True},
    "reads_only": True,
    "status": "allowed",
    "direct": True,
    "fingerprint": "5f0c6d7e" * 8,
    "changes": [],
    "reason": "",
}
_ALLOWED = {"allowed": [{"name": "read_note", "fingerprint": _TOOL["fingerprint"], "direct": True}]}


class ToolServerRoutes(Routes, tag="Tool servers"):
    """Tool servers over HTTP; all rules are in the service."""

    def __init__(self, service: ToolServerService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/mcp/servers",
        operation_id="listToolServers",
        summary="Show your tool servers",
        example=Example(response={"servers": [_SERVER], "programs": True}),
    )
    async def list_servers(self, req: Request, resp: Response) -> ToolServers:
        """Show the servers of the Model Context Protocol whose tools your models may be offered.

        `source` is `saved` (here) or `configuration` (`config.toml`, which wins and cannot be
        changed here). `tools` is how many a server has, `allowed` how many of these models are
        offered, and `changed` how many were allowed and have changed or gone since. `programs` says
        whether you may add programs. Needs a key with the scope `approve` or `admin`, as all routes
        of tool servers do. [Tool servers](mcp-client.md)
        """
        return await self._service.servers(req.context.user)

    @route(
        "GET",
        "/v1/mcp/servers/{name}",
        operation_id="getToolServer",
        summary="Show a tool server",
        example=Example(response=_SERVER),
    )
    async def get_server(self, req: Request, resp: Response, name: str) -> ToolServer:
        """Show one server. Secrets never come out: `token_set` and `env_set` say which are set.

        `state.status` is `unknown` until somebody has tried it, then `works` or `fails` (`since`
        and `error` say more), or `unreadable`: it was sealed with another key.
        """
        return await self._service.server(req.context.user, name)

    @route(
        "PUT",
        "/v1/mcp/servers/{name}",
        operation_id="saveToolServer",
        summary="Add or change a tool server",
        errors=(409,),
        fields={
            "url": "An `https` address that speaks Streamable HTTP; or `command`",
            "token": "Sent as a bearer token; left out, it stays if the address does",
            "command": "A program and its arguments, a list; only with the scope `admin`",
            "env": "Environment variables of that program; an empty value stays what it was",
            "folders": "Folders that the program sees, each `path` and `write`",
            "network": "Whether the program may reach the network",
        },
        example=Example(
            request={"url": "https://notes.example.org/mcp", "token": "a-secret-token"},
            response=_SERVER,
        ),
    )
    async def save_server(
        self, req: Request, resp: Response, name: str, body: McpAddress
    ) -> ToolServer:
        """Save a server, sealed, under a name of 1 to 20 letters (a to z) and digits.

        Nothing is tried, and nothing of it is allowed yet. If address or command change, nothing is
        allowed any more, and a token has to be given again. Only a key with the scope `admin` may
        have programs started, or name servers of the local network. 409 if the configuration has a
        server of this name, or there are 16.
        """
        return await self._service.save(req.context.user, name, body)

    @route(
        "DELETE",
        "/v1/mcp/servers/{name}",
        operation_id="removeToolServer",
        summary="Remove a tool server",
        status=204,
        errors=(409,),
    )
    async def remove_server(self, req: Request, resp: Response, name: str) -> None:
        """Remove a server, its secrets and what was allowed of it."""
        await self._service.remove(req.context.user, name)

    @route(
        "GET",
        "/v1/mcp/servers/{name}/tools",
        operation_id="listServerTools",
        summary="Show the tools of a server",
        example=Example(response={"tools": [_TOOL]}),
    )
    async def list_tools(self, req: Request, resp: Response, name: str) -> Tools:
        """Show the tools that a server had the last time that it was asked, by name.

        All texts in them are the server's. `status` is `new` (not allowed), `allowed`, `changed`
        (since it was allowed: `changes` says what, and models are not offered it), `gone`, or
        `unusable` (`reason` says why). `reads_only` is what the server says; `direct` tools run
        without an approval. `called` is the name that models call it by.
        """
        return Tools(await self._service.tools(req.context.user, name))

    @route(
        "PUT",
        "/v1/mcp/servers/{name}/tools",
        operation_id="allowServerTools",
        summary="Say which tools of a server are allowed",
        errors=(409,),
        fields={
            "allowed": "Every tool that is allowed from now on, at most 32: `name`, `fingerprint` "
            "as it was shown, and `direct` if it runs without an approval"
        },
        example=Example(request=_ALLOWED, response={"tools": [_TOOL]}),
    )
    async def allow_tools(self, req: Request, resp: Response, name: str, body: Allowed) -> Tools:
        """Allow these tools, as they were seen, and no others.

        If one of them is another one by now, that is a 409, and nothing is changed. `direct` is for
        tools of which the server says that they only read. Models are offered at most 32 tools of
        all of your servers. For programs the key needs the scope `admin`.
        """
        return Tools(await self._service.allow(req.context.user, name, body.allowed))

    @route(
        "POST",
        "/v1/mcp/servers/{name}/test",
        operation_id="testToolServer",
        summary="Try a tool server, and read its tools",
        example=Example(response={"status": "works", "detail": "", "tools": [_TOOL]}),
    )
    async def test_server(self, req: Request, resp: Response, name: str) -> ServerTest:
        """Connect to a server, or start its program, and read its tools; none is called.

        `detail` says what is wrong if it `fails`.
        """
        return await self._service.test(req.context.user, name)
