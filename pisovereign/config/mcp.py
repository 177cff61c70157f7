"""Settings of `mcp`: servers of the Model Context Protocol whose tools a model may be offered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting
from pisovereign.validation import no_nul

SERVER_NAME = "^[a-z][a-z0-9]{0,19}$"


class McpFolder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that a program may see."""

    path: Annotated[
        str, setting("Its absolute path.", no_nul, pattern=r"^/[^\0]+$", max_length=500)
    ]
    write: Annotated[bool, setting("Whether it may be written to.")] = False


class McpAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is: at an address, or a program that is started."""

    url: Annotated[
        str, setting("The address of a server that speaks Streamable HTTP.", max_length=500)
    ] = ""
    token: Annotated[
        str, setting("Sent to that server as a bearer token.", secret=True, max_length=4000)
    ] = ""
    command: Annotated[
        tuple[Annotated[str, setting("One word.", no_nul, max_length=1000)], ...],
        setting(
            "In place of an address, a program with its arguments, started without a shell.",
            max_length=64,
        ),
    ] = ()
    env: Annotated[
        dict[str, str], setting("Environment variables of that program.", secret=True)
    ] = {}
    folders: Annotated[
        tuple[McpFolder, ...], setting("The folders that the program may see.", max_length=8)
    ] = ()
    network: Annotated[bool, setting("Whether the program may reach the network.")] = False


class McpServer(McpAddress, frozen=True, kw_only=True):
    """A server, and whose it is."""

    name: Annotated[
        str, setting("What its tools are called by, such as `files`.", pattern=SERVER_NAME)
    ]
    user_id: Annotated[
        str,
        setting("Whose it is (UUID); empty: the only user's.", rules.user_id_or_empty),
    ] = ""


class McpConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Tool servers of the configuration; more can be added on the page."""

    servers: Annotated[tuple[McpServer, ...], setting("The servers.", max_length=16)] = ()
    call_timeout_s: Annotated[
        float, setting("Longest time that one call may take, in seconds.", ge=1, le=300)
    ] = 30.0
    calls_per_minute: Annotated[
        int, setting("Most requests to one server within a minute.", ge=1, le=1000)
    ] = 60
