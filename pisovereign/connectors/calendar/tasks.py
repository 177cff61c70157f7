"""The tasks of one account on a calendar server, as actions read from and write to them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.connectors.blocking import BlockingPool, Deadline
from pisovereign.connectors.calendar.changes import IdempotentWriter
from pisovereign.connectors.calendar.client import SERVER, CalDavClient, Connection
from pisovereign.connectors.calendar.editing import CHANGE_PROPERTY
from pisovereign.connectors.calendar.objects import (
    calendar_with,
    get_object,
    list_tasks,
    put_new_object,
    replace_object,
)
from pisovereign.connectors.calendar.reader import (
    TaskEditRequest,
    TaskEditResult,
    TasksRequest,
    TasksResult,
)
from pisovereign.connectors.calendar.reader_process import ReaderProcess
from pisovereign.connectors.calendar.task_text import new_task_text
from pisovereign.connectors.calendar.task_types import NewTask, Task, TaskChange, TaskEdit, in_order
from pisovereign.errors import NotConfigured, NotFound, UpstreamError, ValidationFailed
from pisovereign.locales import Zones

T = TypeVar("T")

_log = logging.getLogger(__name__)
# The share of the time limit that reading gets at least.
_READING = 0.5


class CalDavTasks:
    """The tasks of one account; a `TaskSource`.

    Args:
        caldav: The account.
        pool: The threads of the account.
        owners: The users whose tasks these are.
        zones: Returns where one of them is.
        limit_s: Longest time that anything takes.
    """

    def __init__(
        self,
        caldav: CalDavClient,
        pool: BlockingPool,
        *,
        owners: frozenset[UUID],
        zones: Zones,
        limit_s: float,
    ) -> None:
        self._caldav = caldav
        self._pool = pool
        self._owners = owners
        self._zones = zones
        self._limit_s = limit_s
        self._writer = IdempotentWriter(caldav, limit_s)

    async def keeps_tasks(self, user: UUID) -> bool:
        """Return whether a user has a list of tasks here; while nobody knows, they have one."""
        if user not in self._owners:
            return False
        try:
            return await self._run(self._caldav.keeps_tasks)
        except UpstreamError:
            return True

    async def tasks(self, user: UUID, *, done: bool = False) -> list[Task]:
        """Return the tasks, what is due first before the rest.

        Raises:
            NotConfigured: They are somebody else's.
            UpstreamError: They cannot be read.
        """
        self._check(user)
        zone = self._zones(user)
        return await self._run(lambda deadline: self._read(zone, deadline, done=done))

    async def add_task(self, user: UUID, task: NewTask, uid: str) -> Task:
        """Create a task; with a `uid` that is there already nothing happens.

        Once begun it is brought to an end, also when nobody waits for it any more.

        Raises:
            NotConfigured: The lists are somebody else's.
            UpstreamError: It is not there, or nobody knows; the same `uid` may be tried again.
        """
        self._check(user)
        text = new_task_text(task, uid, self._zones(user))
        name = await self._write(
            lambda: self._writer.run(
                lambda c: put_new_object(c, c.task_list_for_new(), uid, text),
                lambda c: calendar_with(c, c.task_list_for_new(), uid),
            )
        )
        return Task(title=task.title, due=task.due, whole_day=task.whole_day, list=name)

    async def prepare_task(self, user: UUID, task: str, edit: TaskEdit) -> TaskChange:
        """Prepare a change of a task, with the task before and after.

        Raises:
            NotConfigured: The lists are somebody else's.
            NotFound: There is no such task.
            ValidationFailed: It cannot be changed in this way.
            UpstreamError: It cannot be read.
        """
        self._check(user)
        zone = self._zones(user)
        return await self._run(lambda deadline: self._prepare(task, edit, zone, deadline))

    async def change_task(self, user: UUID, change: TaskChange) -> str:
        """Make a change that was prepared, and return the name of the list.

        Raises:
            NotConfigured: The lists are somebody else's.
            Conflict: Somebody changed the task meanwhile.
            UpstreamError: It failed, or nobody knows whether it did.
        """
        self._check(user)
        return await self._write(lambda: self._apply(change))

    def _read(self, zone: ZoneInfo, deadline: Deadline, *, done: bool) -> list[Task]:
        with ReaderProcess() as reading:
            with self._caldav.connect(deadline) as connection:
                objects = list_tasks(connection, done=done)
            limit_s = max(deadline.left_s(), self._limit_s * _READING)
            result = reading.ask(
                TasksRequest(zone=zone.key, limit_s=limit_s, objects=objects), TasksResult
            )
        if result.skipped:
            _log.warning("%d tasks of the calendar server cannot be read", result.skipped)
        found = [task for task in result.tasks if done or not task.done]
        return in_order(found)

    def _prepare(self, task: str, edit: TaskEdit, zone: ZoneInfo, deadline: Deadline) -> TaskChange:
        with ReaderProcess() as reading:
            with self._caldav.connect(deadline) as connection:
                stored = get_object(connection, task, connection.task_lists())
            result = reading.ask(
                TaskEditRequest(
                    zone=zone.key, text=stored.text, edit=edit, limit_s=deadline.left_s()
                ),
                TaskEditResult,
            )
        if result.edited is None:
            raise ValidationFailed([{"field": "task_id", "error": result.refused}])
        if f"{CHANGE_PROPERTY}:{edit.mark}" not in result.edited.text:
            raise UpstreamError("The task cannot be changed")
        before, after = (
            msgspec.structs.replace(one, list=stored.calendar, id=task)
            for one in (result.edited.before, result.edited.after)
        )
        return TaskChange(
            id=task,
            list=stored.calendar,
            url=stored.url,
            etag=stored.etag,
            mark=edit.mark,
            before=before,
            after=after,
            text=result.edited.text,
        )

    def _apply(self, change: TaskChange) -> str:
        def act(connection: Connection) -> str:
            replace_object(connection, change.url, change.etag, change.text)
            return change.list

        def look(connection: Connection) -> str | None:
            try:
                stored = get_object(connection, change.id, connection.task_lists())
            except NotFound:
                return None
            return change.list if f"{CHANGE_PROPERTY}:{change.mark}" in stored.text else None

        return self._writer.run(act, look)

    async def _write(self, work: Callable[[], str]) -> str:
        # A write has limits of its own, and is not to be cut off where nobody knows how far it is.
        return await self._pool.run(lambda _: work(), self._limit_s + 1.0, SERVER, cut=False)

    async def _run(self, work: Callable[[Deadline], T]) -> T:
        return await self._pool.run(work, self._limit_s, SERVER)

    def _check(self, user: UUID) -> None:
        if user not in self._owners:
            raise NotConfigured("The calendar", "caldav.users")
