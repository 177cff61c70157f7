"""The bytes of one watcher's view of a task.

Each watcher reads the task's log at its own pace, from where it was cut off: after a restart, and
whichever process works at the task.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from uuid import UUID

from pisovereign.agents.log import TaskLog
from pisovereign.agents.types import LAST_EVENTS
from pisovereign.errors import NotFound, PiSovereignError, ServiceUnavailable
from pisovereign.events.wake import Alarms, rang
from pisovereign.http import sse
from pisovereign.http.errors import error_object

MOST_WATCHERS, MOST_OF_ONE_USER = 128, 32
LOOK_S = 1.0  # how often a watcher looks for what another process wrote
HEARTBEAT_S = 10.0
_PART = 100
_BEGIN = b"retry: 1000\n: watching\n\n"
_HEARTBEAT = b": still working\n\n"


class TaskWatchers:
    """Opens streams, as many as one process can serve."""

    def __init__(self, log: TaskLog, alarms: Alarms) -> None:
        self.log = log
        self.alarms = alarms
        self.of_user: Counter[UUID] = Counter()

    async def watch(self, user: UUID, task: UUID, after: int) -> TaskStream:
        """A task's events that follow number `after`.

        Raises:
            NotFound: no such task of the user.
            ServiceUnavailable: too many streams are open, or the database is away.
        """
        if self.of_user[user] >= MOST_OF_ONE_USER or self.of_user.total() >= MOST_WATCHERS:
            raise ServiceUnavailable("Too many event streams are open", retry_after=60)
        last = await self.log.last(user, task)
        if last is None:
            raise NotFound("No such task")
        return TaskStream(self, user, task, min(after, last))


class TaskStream:
    """One stream; Falcon calls `close` when the response ends in whatever way."""

    def __init__(self, watchers: TaskWatchers, user: UUID, task: UUID, after: int) -> None:
        self._watchers = watchers
        self._user = user
        self._task = task
        self._last = after
        self._parts = self._render()

    def __aiter__(self) -> TaskStream:
        return self

    async def __anext__(self) -> bytes:
        """The next event or heartbeat."""
        return await anext(self._parts)

    async def close(self) -> None:
        """Stop watching."""
        await self._parts.aclose()

    async def _render(self) -> AsyncGenerator[bytes]:
        """An error is the last event: the client asks again from where it was."""
        of_user = self._watchers.of_user
        of_user[self._user] += 1
        try:
            with self._watchers.alarms.alarm(self._task) as alarm:
                yield _BEGIN
                async for part in self._watch(alarm):
                    yield part
        except PiSovereignError as error:
            yield sse.event("error", error_object(error))
        finally:
            of_user[self._user] -= 1
            if not of_user[self._user]:
                del of_user[self._user]

    async def _watch(self, alarm: asyncio.Event) -> AsyncGenerator[bytes]:
        quiet_s = 0.0
        while True:
            alarm.clear()
            events = await self._watchers.log.after(self._user, self._task, self._last, _PART)
            for event in events:
                self._last = event.id
                yield sse.event(event.kind, event.data, identifier=event.id)
                if event.kind in LAST_EVENTS:
                    return
            if len(events) == _PART:
                continue
            # Nothing follows the last event: who has seen it already is not kept waiting.
            if self._watchers.alarms.ended or (not events and await self._is_over()):
                return
            quiet_s = 0.0 if events or await rang(alarm, LOOK_S) else quiet_s + LOOK_S
            if quiet_s >= HEARTBEAT_S:
                quiet_s = 0.0
                yield _HEARTBEAT

    async def _is_over(self) -> bool:
        before = await self._watchers.log.after(self._user, self._task, self._last - 1, 1)
        return bool(before) and before[0].id == self._last and before[0].kind in LAST_EVENTS
