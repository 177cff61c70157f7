"""Begins the tasks of schedules when their time comes, each once.

Every process looks. What is due is decided by the database's clock, and by what is stored of the
schedule, under a lock: after a restart or a sleep of the machine the newest time that was missed
is made up for, unless it is too long ago. A task's id follows from its time, so not even a clock
that is put back begins it twice.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from pisovereign.agents.schedules.store import ScheduleStore
from pisovereign.agents.schedules.types import Schedule
from pisovereign.agents.service import TaskService
from pisovereign.agents.types import Request
from pisovereign.errors import Conflict
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.storage.pool import Connection, Database

_log = logging.getLogger(__name__)
_LONGEST_S = 60.0  # so that a changed clock is noticed
# One that was never seen begins now: what came before it was set up was not missed.
_MEET = """
INSERT INTO agent_schedules (user_id, id, seen_to) VALUES (%(user)s, %(id)s, clock_timestamp())
ON CONFLICT DO NOTHING
"""
# Locked: one process at a time sees to it, and the next one finds that it is done.
_LOOK = """
SELECT seen_to, clock_timestamp() FROM agent_schedules
WHERE user_id = %(user)s AND id = %(id)s FOR UPDATE
"""
_SEE_TO = """
UPDATE agent_schedules SET seen_to = %(time)s WHERE user_id = %(user)s AND id = %(id)s
"""
# One that is switched on again begins anew.
_FORGET = "DELETE FROM agent_schedules WHERE user_id = %(user)s AND id <> ALL(%(kept)s)"
_RUNNING = """
SELECT 1 FROM agent_tasks
WHERE user_id = %(user)s AND schedule = %(name)s AND finished_at IS NULL LIMIT 1
"""


class ScheduleTimer:
    """The loop that looks for schedules that are due.

    Args:
        database: Where it is remembered.
        tasks: What takes tasks down.
        schedules: All of them.
        users: All who could have some.
        language: Returns what a user reads.
    """

    def __init__(
        self,
        database: Database,
        tasks: TaskService,
        schedules: ScheduleStore,
        users: Sequence[UUID],
        *,
        language: Callable[[UUID], Language],
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._schedules = schedules
        self._users = users
        self._language = language
        self._tidy = False
        self._periodic = PeriodicTask(self._look_at_all, "schedules wait", longest_s=_LONGEST_S)
        self.start = self._periodic.start
        self.stop = self._periodic.stop
        self.wake = self._periodic.wake

    async def _look_at_all(self) -> float:
        schedules = [each for user in self._users for each in await self._of(user)]
        self._tidy = True
        pauses = [await self._look_at(schedule) for schedule in schedules]
        return min([_LONGEST_S, *pauses])

    async def _of(self, user: UUID) -> list[Schedule]:
        """Return those of a user that can be carried out; forget, the first time, all others."""
        async with self._database.transaction(user) as connection:
            there = await self._schedules.all(connection, user)
            schedules = [each for each in there if each.enabled and each.description]
            if not self._tidy:
                kept = [each.id for each in schedules]
                await connection.execute(_FORGET, {"user": user, "kept": kept})
        return schedules

    async def _look_at(self, schedule: Schedule) -> float:
        """Begin what is due; returns the seconds until the next time."""
        begun = False
        async with self._database.transaction(schedule.user) as connection:
            values: dict[str, Any] = {"user": schedule.user, "id": schedule.id}
            await connection.execute(_MEET, values)
            row = await (await connection.execute(_LOOK, values)).fetchone()
            assert row is not None
            seen_to: dt.datetime = row[0]
            now: dt.datetime = row[1]
            # A clock that was put back must not silence it until it is as late as it was.
            since, bound = min(seen_to, now), now - schedule.grace
            time = schedule.times.newest(max(since, bound), now)
            if time is not None:
                begun = await self._begin(connection, schedule, time)
            first = schedule.times.next(since)
            if missed := first is not None and first <= bound:
                _log.warning("schedule %s: what was missed is too long ago", schedule.name)
            if time is not None or missed or seen_to > now:
                await connection.execute(_SEE_TO, values | {"time": time or now})
        if begun:
            self._tasks.wake()
        following = schedule.times.next(now)
        return _LONGEST_S if following is None else (following - now).total_seconds()

    async def _begin(self, connection: Connection, schedule: Schedule, time: dt.datetime) -> bool:
        values = {"user": schedule.user, "name": schedule.name}
        if await (await connection.execute(_RUNNING, values)).fetchone() is not None:
            _log.warning("schedule %s is left out: its last task is not over", schedule.name)
            return False
        request = Request(
            description=schedule.description,
            language=detect_language(schedule.description, self._language(schedule.user)),
        )
        try:
            created = await self._tasks.add_scheduled(
                connection, schedule.user, schedule.task(time), request, schedule.name
            )
        except Conflict:
            _log.warning("schedule %s is left out: too many tasks are not over", schedule.name)
            return False
        if created:
            _log.info("schedule %s begins task %s", schedule.name, schedule.task(time))
        return created
