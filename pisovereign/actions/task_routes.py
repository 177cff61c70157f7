"""The routes of tasks on the calendar server."""

from __future__ import annotations

from typing import Any

import msgspec
from falcon.asgi import Request, Response

from pisovereign.actions.add_task import AddTask
from pisovereign.actions.caller import Caller
from pisovereign.actions.change_task import ChangeTask, PendingTask, TaskPatch
from pisovereign.actions.fields import Days, Moment, Title
from pisovereign.actions.list_tasks import ListTasks, Tasks
from pisovereign.actions.routes import caller_of
from pisovereign.actions.service import ActionService, Asked
from pisovereign.actions.types import Pending
from pisovereign.asgi.routes import Example, Routes, route

_TASK: dict[str, Any] = {
    "title": "Tax return",
    "due": "2026-05-31T22:00:00Z",
    "whole_day": True,
    "done": False,
    "list": "Tasks",
    "id": "L2FsaWNlL3Rhc2tzL3RheC5pY3M",
}
_FIELDS = {
    "title": "1 to 500 characters, not blank",
    "due": "a time with its offset",
    "whole_day": "true if any time on that day will do",
}


class TaskQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/tasks`."""

    days: Days | None = None
    done: bool = False


class NewTaskBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/tasks`."""

    title: Title
    due: Moment | None = None
    whole_day: bool = False


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
        """List the open tasks of the calendar server, what is due first before the rest.

        `?days=` leaves those that are due within as many days, today and what is overdue included.
        With `?done=true` completed ones are there too. One that recurs has no `id`: it is changed
        in a program for tasks. When no calendar is set up, that is a 503 that names the setting.
        """
        wanted = ListTasks(days=query.days, done=query.done)
        found = await self._actions.carry_out(caller_of(req), wanted)
        assert isinstance(found, Tasks)
        return found

    @route(
        "POST",
        "/v1/tasks",
        operation_id="addCalendarTask",
        summary="Ask for a task to be added",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(
            request={"title": "Tax return", "due": "2026-05-31T22:00:00Z", "whole_day": True},
            response={
                "command": "AddTask",
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "title": "...",
                "text": "...",
                "status": "pending_approval",
            },
        ),
    )
    async def add_task(self, req: Request, resp: Response, body: NewTaskBody) -> Pending:
        """Ask for a task to be added to the list that `caldav.default_task_list` names.

        Nothing is written yet: the answer names the approval that [waits](approvals.md), with what
        is shown for it in `title`.
        """
        command = AddTask(title=body.title, due=body.due, whole_day=body.whole_day)
        asked = await self._actions.run(caller_of(req), command)
        assert isinstance(asked, Pending)
        return asked

    @route(
        "PATCH",
        "/v1/tasks/{id}",
        operation_id="changeCalendarTask",
        summary="Ask for a task to be changed or completed",
        errors=(409, 502),
        fields=_FIELDS | {"done": "true or false"},
        example=Example(
            request={"done": True},
            response={
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
    ) -> PendingTask:
        """Ask for a task to be changed; `done` completes or reopens it.

        `id` is that of a task that is listed. Nothing is changed yet: the answer names the approval
        that [waits](approvals.md), and what it would do. If somebody changes the task meanwhile,
        the approval fails and nothing is done.
        """
        command = ChangeTask(task_id=task, patch=body)
        # The title of a change has no other language.
        asked = await self._actions.carry_out(Caller(req.context.user, "en"), command)
        assert isinstance(asked, Asked)
        change = asked.new.payload
        return PendingTask(
            approval_id=asked.approval.id,
            expires_at=asked.approval.expires_at,
            before=change.before,
            after=change.after,
        )
