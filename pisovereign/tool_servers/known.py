"""Which tool servers somebody has: those of the configuration, and those that they added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from pisovereign.config import McpAddress, McpConfig
from pisovereign.storage.pool import Connection
from pisovereign.tool_servers.store import SavedServer, ToolServerStore
from pisovereign.tool_servers.types import Source


class KnownServer(NamedTuple):
    """A server of somebody: not to be logged. Without an address what was saved is unreadable."""

    name: str
    address: McpAddress | None
    source: Source
    local: bool
    saved: SavedServer | None = None


class KnownServers:
    """All servers; the configuration wins over what was saved under the same name.

    Args:
        config: Its section.
        configured: The users of the configuration.
        store: What people added.
    """

    def __init__(
        self, config: McpConfig, configured: Sequence[UUID], store: ToolServerStore
    ) -> None:
        only = configured[0] if len(configured) == 1 else None
        self._store = store
        self._configured: dict[UUID, dict[str, KnownServer]] = {}
        for server in config.servers:
            owner = UUID(server.user_id) if server.user_id else only
            if owner is None:
                continue  # not every key may use everybody's tools
            fields = {name: getattr(server, name) for name in McpAddress.__struct_fields__}
            known = KnownServer(server.name, McpAddress(**fields), "configuration", local=True)
            self._configured.setdefault(owner, {})[server.name] = known

    def is_configured(self, user: UUID, name: str) -> bool:
        """Return whether the configuration has a server of this name for a user."""
        return name in self._configured.get(user, {})

    async def all(self, connection: Connection, user: UUID) -> dict[str, KnownServer]:
        """Return everything that a user has, by name."""
        saved = {
            each.name: KnownServer(each.name, each.address, "saved", each.local, each)
            for each in await self._store.servers(connection, user)
        }
        return dict(sorted((saved | self._configured.get(user, {})).items()))
