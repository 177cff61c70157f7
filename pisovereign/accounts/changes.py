"""What happens when a session, a key or a person is changed: everybody looks again, at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups, woken
from pisovereign.logs import log_task_error
from pisovereign.storage.pool import Connection, Database

_log = logging.getLogger(__name__)
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
        self._task: asyncio.Task[None] | None = None

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

    def start(self) -> None:
        """Begin to listen, on the running loop."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(log_task_error)

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def _changed(self) -> None:
        self._number += 1
        self._wakeups.wake(ACCOUNTS)

    async def _run(self) -> None:
        with self._wakeups.wakeup(ACCOUNTS) as wakeup:
            while not self._wakeups.ended:
                try:
                    for look in self._followers:
                        await look()
                except PiSovereignError:
                    _log.info("accounts cannot be looked at for a moment")
                if await woken(wakeup, LOOK_S):
                    wakeup.clear()
                # Also without a notice: one of another process may have been lost.
                self._number += 1
