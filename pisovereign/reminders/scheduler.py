"""Delivers reminders when their time comes.

What is due is decided by the database, from what is stored: after a restart, a sleep of the machine
or a change of its clock the next look finds it. Every process looks; a reminder is given to one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.events.log import EventLog
from pisovereign.events.wake import Alarms
from pisovereign.http.errors import log_unexpected
from pisovereign.reminders.store import ReminderStore
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
_PART = 100  # reminders of one transaction
_RETRY_S = 1.0  # the first pause when looking failed; it doubles each time
_LEAST_S = 0.01  # a clock that is a little ahead must not make the loop spin
_BUSY_S = 1.0  # until what another process has locked is delivered


class Scheduler:
    """The loop that looks for due reminders.

    Args:
        database: Where reminders are.
        store: Their SQL.
        events: Where it is told that one is due.
        alarms: Wakes those who watch the events.
        users: Whose reminders are looked at.
        check_s: The longest time between two looks, in seconds: how late a reminder can be when
            the clock was changed, or when another process stored it and ended before its time.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ReminderStore,
        events: EventLog,
        alarms: Alarms,
        users: Sequence[UUID],
        check_s: float,
    ) -> None:
        self._database = database
        self._store = store
        self._events = events
        self._alarms = alarms
        self._users = users
        self._check_s = check_s
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(_tell)

    async def stop(self) -> None:
        """End; a transaction that has begun is rolled back, and found again by the next look."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def look(self) -> None:
        """Look now: a reminder was stored, or its time was changed."""
        self._changed.set()

    async def _run(self) -> None:
        retry_s = _RETRY_S
        while True:
            self._changed.clear()
            try:
                pause_s = await self._deliver_all()
                retry_s = _RETRY_S
            except PiSovereignError as error:
                _log.warning("reminders wait: %s", error.message)
                pause_s, retry_s = retry_s, min(2 * retry_s, self._check_s)
            try:
                async with asyncio.timeout(pause_s):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _deliver_all(self) -> float:
        """Deliver what is due; returns the seconds until the next look."""
        pauses = [await self._deliver(user) for user in self._users]
        return min([self._check_s, *pauses])

    async def _deliver(self, user: UUID) -> float:
        while True:
            async with self._database.transaction(user) as connection:
                due = await self._store.fall_due(connection, user, _PART)
                for reminder in due:
                    await self._events.append(
                        connection, user, "reminder_due", reminder.id, reminder
                    )
                next_s = await self._store.next_due_s(connection, user)
            if due:
                self._alarms.wake(user)
            if next_s is None:
                return self._check_s
            if next_s > 0:
                return max(next_s, _LEAST_S)
            if not due:
                return _BUSY_S


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log_unexpected(error)
