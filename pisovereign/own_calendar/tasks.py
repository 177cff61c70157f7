"""The tasks of people who have connected no calendar."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pisovereign.connectors.calendar.task_types import NewTask, Task, TaskChange, TaskEdit, in_order
from pisovereign.locales import Zones
from pisovereign.own_calendar.names import NAME
from pisovereign.own_calendar.objects import OwnObjects
from pisovereign.own_calendar.store import MOST_OBJECTS, ObjectToStore


class OwnTasks:
    """A `TaskSource`.

    Args:
        objects: What is stored.
        zones: Returns where one of them is.
    """

    def __init__(self, objects: OwnObjects, zones: Zones) -> None:
        self._objects = objects
        self._zones = zones

    async def keeps_tasks(self, user: UUID) -> bool:
        """Return whether a user has open tasks here; else a list is where they write to-dos."""
        async with self._objects.database.transaction(user) as connection:
            return bool(await self._objects.store.tasks(connection, user, done=False, most=1))

    async def tasks(self, user: UUID, *, done: bool = False) -> list[Task]:
        """Return the tasks, what is due first before the rest.

        Raises:
            UpstreamError: They cannot be read in time.
        """
        async with self._objects.database.transaction(user) as connection:
            rows = await self._objects.store.tasks(connection, user, done=done, most=MOST_OBJECTS)
        stored = await self._objects.store.opened(user, rows)
        if not stored:
            return []
        read = await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.tasks(stored)
        )
        found = [task for task in read if done or not task.done]
        return in_order(found)

    async def add_task(self, user: UUID, task: NewTask, uid: str) -> Task:
        """Create a task; with a `uid` that is there already nothing happens.

        Raises:
            Conflict: There are too many.
            StorageFull: The user keeps as much as they may.
        """
        text = await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.new_task(task, uid)
        )
        due = task.due
        if due is not None and task.whole_day:
            due = dt.datetime.combine(
                due.astimezone(self._zones(user)), dt.time(), self._zones(user)
            )
            due = due.astimezone(dt.UTC)
        new = ObjectToStore(kind="task", text=text, ends=due)
        identifier = await self._objects.add(user, uid, new)
        return Task(
            title=task.title,
            due=due,
            whole_day=task.whole_day,
            list=NAME,
            id=str(identifier),
        )

    async def prepare_task(self, user: UUID, task: str, edit: TaskEdit) -> TaskChange:
        """Return a change that is ready to be made.

        Raises:
            NotFound: There is no such task.
            ValidationFailed: It cannot be changed in this way.
        """
        stored = await self._objects.get(user, task, "task")
        return await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.changed_task(stored, edit)
        )

    async def change_task(self, user: UUID, change: TaskChange) -> str:
        """Make a change, which may be made already, and return the name of the list.

        Raises:
            Conflict: The task was changed meanwhile.
        """
        after = change.after
        new = ObjectToStore(kind="task", text=change.text, ends=after.due, done=after.done)
        await self._objects.replace(user, change.id, change.etag, change.mark, new)
        return NAME
