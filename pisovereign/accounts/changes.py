"""Notices of changed sessions, keys and people: everybody looks again, at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups
from pisovereign.jobs.following import FollowingTask
from pisovereign.storage.pool import Connection, Database

# What the processes of one installation tell each other under: no user and no stream has it.
ACCOUNTS = UUID("00000000-0000-4000-8000-0000000acc75")
LOOK_S = 30.0  # where a notice of another process was lost


class AccountChanges:
    """Lets this process and all others know that something was changed.

    Args:
        database: Where it was changed.
        listener: Lets other processes know, and hears of them.
        wakeups: Wakes this one.

    Attributes:
        state: Another one after each change; what was cached belongs to one of them.
    """

    def __init__(self, database: Database, listener: NotifyListener, wakeups: Wakeups) -> None:
        self._database = database
        self._listener = listener
        self._wakeups = wakeups
        self._number = 0
        self._followers: list[Callable[[], Awaitable[None]]] = []
        following = FollowingTask(
            self._look,
            "accounts are not looked at",
            wakeups=wakeups,
            about=ACCOUNTS,
            look_s=LOOK_S,
        )
        self.start, self.stop = following.start, following.stop

    @property
    def state(self) -> bytes:
        """Return what names the present state."""
        return self._number.to_bytes(8, "big")

    def follow(self, look: Callable[[], Awaitable[None]]) -> None:
        """Call a function after each change, and every half minute."""
        self._followers.append(look)

    async def tell(self, connection: Connection) -> None:
        """Let everybody know once the transaction is committed."""
        await self._listener.notify(connection, ACCOUNTS)
        self._database.when_committed(connection, self._changed)

    def _changed(self) -> None:
        self._number += 1
        self._wakeups.wake(ACCOUNTS)

    async def _look(self) -> None:
        # Also without a notice: one of another process may have been lost.
        self._number += 1
        for look in self._followers:
            await look()
