"""Writing an answer's stream to the log of events while the answer comes.

Several pieces become one event: a piece waits for the others of a tenth of a second at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pisovereign.chat.stream_events import Piece, event_of
from pisovereign.errors import PiSovereignError
from pisovereign.events.log import EventLog
from pisovereign.storage.pool import Connection, Database, retry_unavailable

_TOGETHER_S = 0.1
# What is in the stream only has to outlive a client's connection: the answer is stored elsewhere.
_QUICKLY = "SET LOCAL synchronous_commit = off"
Also = Callable[[Connection], Awaitable[None]]


class StreamWriter:
    """Appends the events of one answer.

    Args:
        database: Where the log is.
        events: The log.
        user: Whose answer it is.
        message: What it answers, which is the name of its stream.
    """

    def __init__(self, database: Database, events: EventLog, user: UUID, message: UUID) -> None:
        self._database = database
        self._events = events
        self._user = user
        self._message = message
        self._waiting: list[tuple[str, Any]] = []
        self._text = ""
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        # Held while something is written: a commit that is cut off may have happened or not.
        self._writing = asyncio.Lock()

    def add(self, piece: Piece) -> None:
        """Take a piece, to be written soon."""
        if isinstance(piece, str):
            self._text += piece
        else:
            self._close_text()
            self._waiting.append(event_of(piece))
        self._some.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def tell(self, kind: str, data: Any) -> None:
        """Take an event that is no piece of the answer; `close` writes it."""
        self._close_text()
        self._waiting.append((kind, data))

    async def close(self, also: Also) -> None:
        """Write what is left, and store `also` in the same transaction.

        Raises:
            ServiceUnavailable: the database does not come back.
        """
        async with self._writing:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait((self._task,))
            await retry_unavailable(lambda: self._flush(also))

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            try:
                async with self._writing:
                    await self._flush(None)
            except PiSovereignError:
                self._some.set()  # the database is away: what waits is written once it is back
            await asyncio.sleep(_TOGETHER_S)

    async def _flush(self, also: Also | None) -> None:
        self._close_text()
        count = len(self._waiting)
        written = False

        def note() -> None:
            nonlocal written
            written = True

        try:
            async with self._database.transaction(self._user) as connection:
                if also is None:
                    await connection.execute(_QUICKLY)
                for kind, data in self._waiting[:count]:
                    await self._events.append(
                        connection, self._user, kind, self._message, data, stream=self._message
                    )
                if also is not None:
                    await also(connection)
                self._database.when_committed(connection, note)
        finally:
            # Also where the task is canceled just after the commit: nothing is written twice.
            if written:
                del self._waiting[:count]

    def _close_text(self) -> None:
        if self._text:
            self._waiting.append(event_of(self._text))
            self._text = ""
