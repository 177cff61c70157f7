"""Tells the owner of a schedule what came of its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from pisovereign.agents.schedules.types import TaskFinished
from pisovereign.events.log import EventLog
from pisovereign.events.wakeups import Wakeups
from pisovereign.integrations.whatsapp.split import split
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import NewMessage, Way
from pisovereign.storage.pool import Connection


class ResultTeller:
    """Writes down whom to tell, in the transaction in which a task ends.

    Args:
        ways: How the results of each schedule are told, by its name.
        events: The log that programs watch.
        notifications: What sends messages to other servers.
        wakeups: Wakes those who watch the events.
    """

    def __init__(
        self,
        ways: Mapping[str, Sequence[Way]],
        *,
        events: EventLog,
        notifications: NotificationService,
        wakeups: Wakeups,
    ) -> None:
        self._ways = ways
        self._events = events
        self._notifications = notifications
        self._wakeups = wakeups

    async def tell(self, connection: Connection, user: UUID, finished: TaskFinished) -> None:
        """Tell of a task that has just ended; part of that transaction."""
        text = finished.result or finished.reason or ""
        for way in self._ways.get(finished.scheduled_by, ("events",)):
            if way == "events":
                task = finished.task_id
                await self._events.append(connection, user, "task_finished", task, finished)
                continue
            parts = split(text) if way == "whatsapp" else [text]
            for number, part in enumerate(parts):
                message = NewMessage(
                    channel=way,
                    about="task",
                    subject=finished.task_id,
                    number=number,
                    text=part,
                )
                await self._notifications.outbox.add(connection, user, message)

    def wake(self, user: UUID) -> None:
        """Let it be told now; to be called after the commit."""
        self._wakeups.wake(user)
        self._notifications.look(user)

    async def forget(self, connection: Connection, user: UUID, task: UUID) -> None:
        """Delete everything that was told of a task."""
        await self._notifications.outbox.forget(connection, user, task)
        await self._events.forget(connection, user, task)
