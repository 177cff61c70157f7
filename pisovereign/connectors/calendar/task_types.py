"""Tasks on the calendar server, changes of them, and the protocol of who has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task. `due` is in UTC; with `whole_day` it is the midnight that begins the last day.

    `list` is the name of the list that it is on. `id` is there when the task can be changed by it:
    it does not recur.
    """

    title: str
    due: dt.datetime | None = None
    whole_day: bool = False
    done: bool = False
    list: str | None = None
    id: str | None = None


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is to be created; with `whole_day` it is due some time on the day of `due`."""

    title: str
    due: dt.datetime | None = None
    whole_day: bool = False


class TaskEdit(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; None: as it is.

    `mark` is written into the task: whoever finds it there knows that this change was made.
    """

    mark: str
    at: dt.datetime
    title: str | None = None
    due: dt.datetime | None = None
    whole_day: bool = False
    done: bool | None = None


class TaskChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that is ready to be made, with the task before and after it.

    `text` takes the place of the version with this tag; `mark` is in it, and nowhere else.
    """

    id: str
    list: str
    url: str
    etag: str
    mark: str
    before: Task
    after: Task
    text: str


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """Return tasks, what is due first before the rest, and what is done at the end."""
    return sorted(tasks, key=lambda task: (task.done, task.due or _NEVER, task.title))


class TaskSource(Protocol):
    """The tasks of a user."""

    async def keeps_tasks(self, user: UUID) -> bool:
        """Return whether a user has a list of tasks on a server."""
        ...

    async def tasks(self, user: UUID, *, done: bool = False) -> list[Task]:
        """Return the tasks of a user, what is due first before the rest."""
        ...

    async def add_task(self, user: UUID, task: NewTask, uid: str) -> Task:
        """Create a task; with a `uid` that is there already nothing happens."""
        ...

    async def prepare_task(self, user: UUID, task: str, edit: TaskEdit) -> TaskChange:
        """Return a change that is ready to be made."""
        ...

    async def change_task(self, user: UUID, change: TaskChange) -> str:
        """Make a change, and return the name of the list."""
        ...
