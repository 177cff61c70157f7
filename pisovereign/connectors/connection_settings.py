"""The one home of settings of connections: saved by people, or in the configuration, which wins.

Each process has all of them in memory, and is told when one changes: by itself, at once; by other
processes with a notice, and by a look now and then in case that is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pisovereign.config import Config
from pisovereign.connectors.connection_store import HOUSEHOLD, ConnectionStore, SavedConnection
from pisovereign.connectors.form import ConnectionKind
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups
from pisovereign.jobs.following import FollowingTask
from pisovereign.storage.pool import Connection, Database

# What notices about connections are about.
ABOUT = UUID("6f1d3c52-5a0e-4c0b-9a35-0c7a2f1be0c1")
_LOOK_S = 10.0
Changed = Callable[[str, UUID], Awaitable[None]]
Noted = Callable[[Connection], Awaitable[None]]


class Effective(NamedTuple):
    """The settings of a connection as they hold: its section, and who said so."""

    section: Any
    source: Literal["saved", "configuration"]
    local: bool


class ConnectionSettings:
    """The saved settings, with the configuration over them.

    Args:
        config: The checked configuration, with its secrets.
        database: Where connections are saved.
        store: Their SQL.
        listener: Tells other processes.
        wakeups: Tells of what other processes did.
        owners: Returns the users whose connection of a kind the configuration has; None: everybody.
    """

    def __init__(
        self,
        config: Config,
        database: Database,
        store: ConnectionStore,
        *,
        listener: NotifyListener,
        wakeups: Wakeups,
        owners: Callable[[str], frozenset[UUID] | None],
    ) -> None:
        self._config = config
        self._database = database
        self._store = store
        self._listener = listener
        self._owners = owners
        self._saved: dict[tuple[str, UUID], SavedConnection] = {}
        self._versions: dict[UUID, int] = {}
        self._changed: list[Changed] = []
        self._lock = asyncio.Lock()
        looking = FollowingTask(
            self.refresh,
            "connections are not read",
            wakeups=wakeups,
            about=ABOUT,
            look_s=_LOOK_S,
            ending_s=5.0,  # parts that are being exchanged
        )
        self.start, self.stop = looking.start, looking.stop

    def when_changed(self, call: Changed) -> None:
        """Call a function with kind and owner of each connection that changes."""
        self._changed.append(call)

    def saved(self, kind: ConnectionKind, user: UUID) -> SavedConnection | None:
        """Return what was saved; None: nothing."""
        return self._saved.get((kind.name, owner_of(kind, user)))

    def configured(self, kind: ConnectionKind, user: UUID) -> bool:
        """Return whether the configuration has a user's connection, so that it is not saved."""
        if not kind.is_set(self.base(kind)):
            return False
        if not kind.personal:
            return True
        owners = self._owners(kind.name)
        return owners is None or user in owners

    def owners(self, kind: ConnectionKind) -> frozenset[UUID]:
        """Return whose personal connection the configuration describes, as far as it says."""
        return self._owners(kind.name) or frozenset()

    def base(self, kind: ConnectionKind) -> Any:
        """Return the section of the configuration that a kind of connections stands for."""
        return getattr(self._config, kind.section)

    def effective(self, kind: ConnectionKind, user: UUID) -> Effective | None:
        """Return the settings that hold for a user; None: it is not set up."""
        if self.configured(kind, user):
            return Effective(self.base(kind), "configuration", local=True)
        found = self.saved(kind, user)
        if found is None or found.values is None:
            return None
        section, errors = kind.read(self.base(kind), found.values)
        # A later version may be stricter: who opens the form then sees what is wrong.
        return None if errors else Effective(section, "saved", found.local)

    def section(self, kind: ConnectionKind, user: UUID) -> Any:
        """Return what holds for a user: as it was saved, else as the configuration says."""
        effective = self.effective(kind, user)
        return effective.section if effective else self.base(kind)

    async def save(
        self,
        kind: ConnectionKind,
        user: UUID,
        values: dict[str, Any],
        *,
        local: bool,
        noted: Noted,
    ) -> None:
        """Save a connection; when this returns, this process uses it.

        Args:
            kind: What it is.
            user: Whose, or for whose household.
            values: What its form holds.
            local: Whether it may name servers of the local network.
            noted: Told in the same transaction, which is the user's by then.

        Raises:
            ServiceUnavailable: It is not saved, or nobody knows.
        """
        owner = owner_of(kind, user)
        async with self._database.transaction(owner) as connection:
            await self._store.save(connection, owner, kind.name, values, local=local)
            await self._listener.notify(connection, ABOUT)
            await self._store.become(connection, user)
            await noted(connection)
        await self.refresh()

    async def remove(self, kind: ConnectionKind, user: UUID, noted: Noted) -> bool:
        """Remove a connection; return whether there was one. This process uses it no more."""
        owner = owner_of(kind, user)
        async with self._database.transaction(owner) as connection:
            removed = await self._store.remove(connection, owner, kind.name)
            await self._listener.notify(connection, ABOUT)
            if removed:
                await self._store.become(connection, user)
                await noted(connection)
        await self.refresh()
        return removed

    async def refresh(self) -> None:
        """Read what has changed since the last time, and have it used.

        Raises:
            ServiceUnavailable: The database is away.
        """
        async with self._lock:
            async with self._database.system() as connection:
                versions = await self._store.versions(connection)
            for owner, version in versions.items():
                if self._versions.get(owner) != version:
                    await self._read(owner)
                    self._versions[owner] = version

    async def _read(self, owner: UUID) -> None:
        async with self._database.transaction(owner) as connection:
            found = {(one.kind, owner): one for one in await self._store.read(connection, owner)}
        before = {key: one for key, one in self._saved.items() if key[1] == owner}
        self._saved = {k: v for k, v in self._saved.items() if k[1] != owner} | found
        for key in before.keys() | found.keys():
            if before.get(key) != found.get(key):
                for call in self._changed:
                    await call(*key)


def owner_of(kind: ConnectionKind, user: UUID) -> UUID:
    """Return whose a user's connection of a kind is: their own, or the household's."""
    return user if kind.personal else HOUSEHOLD
