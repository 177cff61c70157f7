"""How the processes of one installation tell each other that there is something new.

It only saves time, as wake-ups do inside of a process: whoever waits also looks by itself. A notice
that is lost, with a connection or a restart of the database, costs a moment and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID, uuid4

import psycopg

from pisovereign.events.wakeups import Wakeups
from pisovereign.logs import log_task_error
from pisovereign.storage.pool import Connection

_log = logging.getLogger(__name__)
_CHANNEL = "pisovereign_news"
_NOTIFY = "SELECT pg_notify(%s, %s)"
_CONNECT_S, _RETRY_S = 5.0, 1.0


class NotifyListener:
    """Lets other processes know, and hears of them.

    Args:
        conninfo: The database that all processes use.
        wakeups: Wakes those who wait for what another process tells of.
        alone: Whether there is no other process: then nothing is told and heard.
    """

    def __init__(self, conninfo: str, wakeups: Wakeups, *, alone: bool) -> None:
        self._conninfo = conninfo
        self._wakeups = wakeups
        self._alone = alone
        self._me = uuid4().hex
        self._task: asyncio.Task[None] | None = None

    async def notify(self, connection: Connection, about: UUID) -> None:
        """Let others know once this transaction is committed."""
        if not self._alone:
            await connection.execute(_NOTIFY, (_CHANNEL, f"{self._me} {about}"))

    def start(self) -> None:
        """Begin to hear, on the running loop."""
        if not self._alone:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(log_task_error)

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, TimeoutError):
                _log.info("other processes are not heard for a moment")
            await asyncio.sleep(_RETRY_S)

    async def _listen(self) -> None:
        async with asyncio.timeout(_CONNECT_S):
            connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {_CHANNEL}".encode())
            async for notice in connection.notifies():
                self._handle(notice.payload)

    def _handle(self, payload: str) -> None:
        who, _, about = payload.partition(" ")
        if who == self._me:
            return
        try:
            identifier = UUID(about)
        except ValueError:
            _log.info("a notice of another process says nothing")
            return
        self._wakeups.wake(identifier)
