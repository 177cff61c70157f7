"""Whether connections work, and since when one fails: in the database, so that processes agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from pisovereign.connections.types import State
from pisovereign.connectors.connection_settings import ConnectionSettings, owner_of
from pisovereign.connectors.connection_store import ConnectionStore
from pisovereign.connectors.form import ConnectionKind
from pisovereign.health import NOT_CONFIGURED, ServiceHealth, check_one
from pisovereign.storage.pool import Database

# Asks the connection of a kind that a user has, no more often than its own limits allow.
Checks = Callable[[str, UUID], Awaitable[float | None]]


class ConnectionStates:
    """Asks connections how they are, and notes when that changes.

    Args:
        settings: Which there are.
        checks: Asks one.
        database: Where failures are noted.
        store: Their SQL.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        checks: Checks,
        database: Database,
        store: ConnectionStore,
    ) -> None:
        self._settings = settings
        self._checks = checks
        self._database = database
        self._store = store
        self._working: set[tuple[str, UUID]] = set()

    async def of(self, kind: ConnectionKind, user: UUID) -> State:
        """Return how a user's connection is getting on."""
        if self._settings.effective(kind, user) is None:
            saved = self._settings.saved(kind, user)
            return State(status="unreadable" if saved else "not_set_up")
        health = await check_one(lambda: self._checks(kind.name, user))
        if health is NOT_CONFIGURED:
            return State(status="not_set_up")
        return await self._note(kind, user, health)

    def forget(self, kind: ConnectionKind, user: UUID) -> None:
        """Note that a connection is another one now."""
        self._working.discard((kind.name, owner_of(kind, user)))

    async def _note(self, kind: ConnectionKind, user: UUID, health: ServiceHealth) -> State:
        owner = owner_of(kind, user)
        if health.healthy and (kind.name, owner) in self._working:
            return State(status="works")
        async with self._database.transaction(owner) as connection:
            if health.healthy:
                await self._store.works(connection, owner, kind.name)
                self._working.add((kind.name, owner))
                return State(status="works")
            error = health.error or ""
            since = await self._store.failed(connection, owner, kind.name, error)
            self._working.discard((kind.name, owner))
            return State(status="fails", since=since, error=error)
