"""A task's events, to each watcher: from the first one, or from where it was cut off."""

from __future__ import annotations

from uuid import UUID

from pisovereign.agents.log_stream import TaskLog
from pisovereign.agents.types import LAST_EVENTS
from pisovereign.errors import NotFound
from pisovereign.events.connection_limits import ConnectionLimits
from pisovereign.events.rendering import rendered
from pisovereign.events.subscription import Batch, Subscription
from pisovereign.events.wakeups import Wakeups

MOST_WATCHERS, MOST_OF_ONE_USER = 128, 32
_PART = 100


class TaskStreams:
    """Opens streams, as many as one process can serve."""

    def __init__(self, log: TaskLog, wakeups: Wakeups) -> None:
        self.log = log
        self._wakeups = wakeups
        self._limits = ConnectionLimits(MOST_WATCHERS, MOST_OF_ONE_USER)

    async def watch(self, user: UUID, task: UUID, after: int) -> Subscription:
        """A task's events that follow number `after`.

        Raises:
            NotFound: no such task of the user.
            ServiceUnavailable: too many streams are open, or the database is away.
        """
        with self._limits.take(user) as held:
            last = await self.log.last(user, task)
            if last is None:
                raise NotFound("No such task")
            place = _Place(self.log, user, task, min(after, last))
            return Subscription(
                place.read,
                wakeups=self._wakeups,
                about=task,
                retry_ms=1000,
                heartbeat_s=10.0,
                held=held.pop_all(),
            )


class _Place:
    """Where one watcher is in the course of a task."""

    def __init__(self, log: TaskLog, user: UUID, task: UUID, after: int) -> None:
        self._log = log
        self._user = user
        self._task = task
        self._last = after
        self._asked = False

    async def read(self) -> Batch:
        """What follows."""
        events = await self._log.after(self._user, self._task, self._last, _PART)
        first, self._asked = not self._asked, True
        if not events:
            # Nothing follows the last event: who has seen it already is not kept waiting.
            return Batch([], over=first and await self._is_over())
        self._last = events[-1].id
        return Batch(
            list(map(rendered, events)),
            more=len(events) == _PART,
            over=events[-1].kind in LAST_EVENTS,
        )

    async def _is_over(self) -> bool:
        before = await self._log.after(self._user, self._task, self._last - 1, 1)
        return bool(before) and before[0].id == self._last and before[0].kind in LAST_EVENTS
