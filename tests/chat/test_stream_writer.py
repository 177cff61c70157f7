"""What is being written when an answer ends is written once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from pisovereign.chat.stream_writer import StreamWriter
from pisovereign.events.log import EventLog
from pisovereign.storage.pool import Database


class SlowDatabase:
    """Takes its time to say that it has committed."""

    def __init__(self) -> None:
        self.committing = asyncio.Event()
        self.answer = asyncio.Event()
        self.committed: list[Any] = []
        self._notes: list[Callable[[], None]] = []
        self._begun: list[Any] = []

    @asynccontextmanager
    async def transaction(self, user: object) -> AsyncIterator[SlowDatabase]:
        self._begun, self._notes = [], []
        yield self
        # It is on the disk from here on, whether or not somebody still waits for the answer.
        self.committed += self._begun
        self.committing.set()
        await self.answer.wait()
        for note in self._notes:
            note()

    def when_committed(self, connection: object, note: Callable[[], None]) -> None:
        self._notes.append(note)

    async def execute(self, statement: str) -> None:
        """The one statement that is no event."""

    async def append(self, connection: object, *event: Any, stream: object) -> None:
        self._begun.append(event[1])


def test_an_answer_that_ends_during_a_commit_is_written_once() -> None:
    async def end_early() -> list[Any]:
        slow = SlowDatabase()
        database, events = cast(Database, slow), cast(EventLog, slow)
        writer = StreamWriter(database, events, uuid.uuid4(), uuid.uuid4())

        async def also(connection: object) -> None:
            slow.committed.append("stored")

        writer.add("Hello")
        await slow.committing.wait()
        closing = asyncio.create_task(writer.close(also))
        for _ in range(10):
            await asyncio.sleep(0)
        slow.answer.set()
        await closing
        return slow.committed

    assert asyncio.run(end_early()) == ["message", "stored"]
