"""The routes of tasks in the calendar."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from falcon.asgi import Request, Response

from pisovereign.actions.add_task import AddTask
from pisovereign.actions.caller import Caller
from pisovereign.actions.change_task import ChangedTask, ChangeTask, PendingTask, TaskPatch
from pisovereign.actions.fields import Days, Moment, Title
from pisovereign.actions.list_tasks import ListTasks, Tasks
from pisovereign.actions.routes import caller_of
from pisovereign.actions.service import ActionService, Asked
from pisovereign.actions.types import Pending
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.calendar.task_types import Task

_TASK: dict[str, Any] = {
    "title": "Tax return",
    "due": "2026-05-31T22:00:00Z",
    "whole_day": True,
    "done": False,
    "list": "Tasks",
    "id": "L2FsaWNlL3Rhc2tzL3RheC5pY3M",
}
_DONE = {"status": "completed", "task": _TASK | {"list": "PiSovereign"}}
_FIELDS = {
    "title": "1 to 500 characters, not blank",
    "due": "a time with its offset",
    "whole_day": "true if any time on that day will do",
}


class TaskQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/tasks`."""

    days: Days | None = None
    done: Literal["true", "false"] = "false"


class NewTaskBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/tasks`."""

    title: Title
    due: Moment | None = None
    whole_day: bool = False


class TaskDone(msgspec.Struct, frozen=True, kw_only=True):
    """The result of something done at once: the task as it is now."""

    task: Task
    status: Literal["completed"] = "completed"


class CalendarTaskRoutes(Routes, tag="Calendar"):
    """Tasks over HTTP; all rules are in the actions."""

    def __init__(self, actions: ActionService) -> None:
        self._actions = actions

    @route(
        "GET",
        "/v1/tasks",
        operation_id="listCalendarTasks",
        summary="List tasks",
        errors=(502,),
        example=Example(response={"tasks": [_TASK], "until": None}),
    )
    async def list_tasks(self, req: Request, resp: Response, query: TaskQuery) -> Tasks:
        """List the open tasks of the calendar, what is due first before the rest.

        `?days=` leaves those that are due within as many days, today and what is overdue included.
        With `?done=true` completed ones are there too. One that recurs has no `id`: it is changed
        in a program for tasks. Where no calendar is connected, these are the tasks that are
        [kept in the program](calendar.md). `items` is what is open on the [list](#lists) of to-dos
        beside them; without such a list, and with `?days=`, it is not there.
        """
        wanted = ListTasks(days=query.days, done=query.done == "true")
        found = await self._actions.carry_out(caller_of(req), wanted)
        assert isinstance(found, Tasks)
        return found

    @route(
        "POST",
        "/v1/tasks",
        operation_id="addCalendarTask",
        summary="Add a task",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(
            request={"title": "Tax return", "due": "2026-05-31T22:00:00Z", "whole_day": True},
            response=_DONE,
            pending={
                "command": "AddTask",
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "title": "...",
                "text": "...",
                "status": "pending_approval",
            },
        ),
    )
    async def add_task(self, req: Request, resp: Response, body: NewTaskBody) -> TaskDone | Pending:
        """Add a task.

        To those that are [kept in the program](calendar.md) at once. Where a server is connected it
        is for the list that `caldav.default_task_list` names, and nothing is written yet: the
        answer, also a 200, names the approval that [waits](approvals.md), with what is shown for it
        in `title`.
        """
        command = AddTask(title=body.title, due=body.due, whole_day=body.whole_day)
        done = await self._actions.run(caller_of(req), command)
        if isinstance(done, Pending):
            return done
        assert isinstance(done.result, Task)
        return TaskDone(task=done.result)

    @route(
        "PATCH",
        "/v1/tasks/{id}",
        operation_id="changeCalendarTask",
        summary="Change or complete a task",
        errors=(409, 502),
        fields=_FIELDS | {"done": "true or false"},
        example=Example(
            request={"done": True},
            response=_DONE | {"task": _TASK | {"done": True}},
            pending={
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "before": _TASK,
                "after": _TASK | {"done": True},
                "status": "pending_approval",
            },
        ),
    )
    async def change_task(
        self, req: Request, resp: Response, task: str, body: TaskPatch
    ) -> TaskDone | PendingTask:
        """Change a task; `done` completes or reopens it.

        `id` is that of a task that is listed. One that is [kept in the program](calendar.md) is
        changed at once. One on a server is not changed yet: the answer, also a 200, names the
        approval that [waits](approvals.md), and what it would do. If somebody changes the task
        meanwhile, the approval fails and nothing is done.
        """
        command = ChangeTask(task_id=task, patch=body)
        # The title of a change has no other language.
        asked = await self._actions.carry_out(Caller(req.context.user, "en"), command)
        if isinstance(asked, ChangedTask):
            return TaskDone(task=asked.task)
        assert isinstance(asked, Asked)
        change = asked.new.payload
        return PendingTask(
            approval_id=asked.approval.id,
            expires_at=asked.approval.expires_at,
            before=change.before,
            after=change.after,
        )
