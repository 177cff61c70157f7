"""Deletes tasks that have been over for long enough."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.agents.store import TaskStore
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.jobs.queue import JobQueue
from pisovereign.notifications.service import NotificationService
from pisovereign.storage.pool import Database

_PART = 50  # tasks of one transaction
_PAUSE_S, _LOOK_S = 0.1, 3600.0


class TaskUpkeep:
    """The loop that looks for what is too old, with pauses in which others get their turn.

    Args:
        database: Where tasks are.
        store: Their SQL.
        queue: Where their jobs were.
        notifications: Deletes what was told of them.
        users: Whose tasks they are.
        days: How long a task is kept after its end; 0: forever.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: TaskStore,
        queue: JobQueue,
        notifications: NotificationService,
        users: Sequence[UUID],
        days: int,
    ) -> None:
        self._database = database
        self._store = store
        self._queue = queue
        self._notifications = notifications
        self._users = users if days else []
        self._days = days
        self._periodic = PeriodicTask(self._delete_old, "old agentic tasks are not deleted")
        self.start = self._periodic.start
        self.stop = self._periodic.stop

    async def _delete_old(self) -> float:
        more = False
        for user in self._users:
            async with self._database.transaction(user) as connection:
                pruned = await self._store.prune(connection, user, self._days, _PART)
                for task in pruned:
                    await self._queue.forget(connection, user, task)
                    await self._notifications.forget(connection, user, task)
            more = more or len(pruned) == _PART
        return _PAUSE_S if more else _LOOK_S
