"""Servers as their owners see them."""

from __future__ import annotations

from pisovereign.api_keys import Identity
from pisovereign.config import McpAddress
from pisovereign.connectors.mcp.types import Folder
from pisovereign.tool_servers.known import KnownServer
from pisovereign.tool_servers.store import Counts, StoredState
from pisovereign.tool_servers.types import ServerState, ToolServer

NO_TOOLS = Counts(0, 0, 0)


def card_of(
    identity: Identity, known: KnownServer, state: StoredState | None, counts: Counts
) -> ToolServer:
    """Return a server as its owner sees it, without secrets."""
    address = known.address or McpAddress()
    program = bool(address.command)
    editable = known.source == "saved" and (not program or "admin" in identity.scopes)
    return ToolServer(
        name=known.name,
        kind="program" if program else "http",
        source=known.source,
        editable=editable,
        url=address.url,
        command=list(address.command),
        folders=[Folder(path=each.path, write=each.write) for each in address.folders],
        network=address.network,
        token_set=bool(address.token),
        env_set=sorted(address.env),
        state=_state(known, state),
        tools=counts.tools,
        allowed=counts.allowed,
        changed=counts.changed,
        updated_at=known.saved.updated_at if known.saved else None,
    )


def _state(known: KnownServer, state: StoredState | None) -> ServerState:
    if known.address is None:
        return ServerState(status="unreadable")
    if state is None:
        return ServerState(status="unknown")
    if state.since is None:
        return ServerState(status="works")
    return ServerState(status="fails", since=state.since, error=state.error)
