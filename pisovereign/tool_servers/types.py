"""Types of the routes of tool servers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pisovereign.config import McpAddress
from pisovereign.connectors.mcp.types import Folder, HttpServer, Part, ProgramServer, Server

Kind = Literal["http", "program"]
Source = Literal["saved", "configuration"]
ServerStatus = Literal["unknown", "works", "fails", "unreadable"]
ToolStatus = Literal["new", "allowed", "changed", "gone", "unusable"]
MOST_SERVERS = 16
"""Of one person."""
MOST_OFFERED = 32
"""Tools that a model is offered, of all servers of one person."""


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a server works, as it was seen the last time; `since` and `error` if it fails."""

    status: ServerStatus
    since: dt.datetime | None = None
    error: str | None = None


class ToolServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server as its owner sees it: secrets never come out, only whether there are any.

    `tools` is how many it has, `allowed` how many of these a model is offered, and `changed` how
    many were allowed before they changed.
    """

    name: str
    kind: Kind
    source: Source
    editable: bool
    url: str
    command: list[str]
    folders: list[Folder]
    network: bool
    token_set: bool
    env_set: list[str]
    state: ServerState
    tools: int
    allowed: int
    changed: int
    updated_at: dt.datetime | None = None


class ToolServers(msgspec.Struct, frozen=True):
    """Every server of the caller; `programs` says whether they may add programs."""

    servers: list[ToolServer]
    programs: bool


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A difference between a tool and the same tool when it was allowed."""

    part: Part
    before: Any
    now: Any


class ServerTool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool of a server; all of its texts are the server's.

    `fingerprint` is the hash of name, description, schema and hints, in hex: who allows the tool
    sends it back, so that exactly what was seen is allowed. `direct` tools run without an approval.
    `reason` says why one is `unusable`.
    """

    name: str
    called: str
    description: str
    input_schema: dict[str, Any]
    annotations: dict[str, Any]
    reads_only: bool
    status: ToolStatus
    direct: bool
    fingerprint: str
    changes: list[Change] = []
    reason: str = ""


class Tools(msgspec.Struct, frozen=True):
    """The tools of a server."""

    tools: list[ServerTool]


class AllowedTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tool that is allowed as it was seen."""

    name: Annotated[str, Meta(max_length=64)]
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    direct: bool = False


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All tools of a server that are allowed; the others are not."""

    allowed: Annotated[list[AllowedTool], Meta(max_length=MOST_OFFERED)]


class ServerTest(msgspec.Struct, frozen=True, kw_only=True):
    """How trying a server went; `detail` is what is wrong, and empty if nothing is."""

    __test__ = False

    status: Literal["works", "fails"]
    detail: str
    tools: list[ServerTool]


def server_of(address: McpAddress, *, local: bool) -> Server:
    """Return where a server is, as it is connected to."""
    if address.command:
        return ProgramServer(
            argv=address.command,
            env=address.env,
            folders=tuple(Folder(path=each.path, write=each.write) for each in address.folders),
            network=address.network,
        )
    return HttpServer(url=address.url, token=address.token, local=local)
