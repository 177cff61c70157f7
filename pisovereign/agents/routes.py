"""The routes of agentic tasks."""

from __future__ import annotations

import json
from typing import Any

from falcon.asgi import Request, Response

from pisovereign.agents.service import TaskService
from pisovereign.agents.types import CreatedTask, EventKind, ListQuery, NewTask, Task, TaskState
from pisovereign.approvals.types import NoFields
from pisovereign.asgi.routes import EVENTS, Example, Page, Routes, parse_id, route
from pisovereign.asgi.sse import last_event_id, send_events
from pisovereign.events.stream import EventStreams

_ID = "550e8400-e29b-41d4-a716-446655440000"
_PARTS = (
    ("sa-1", "Show my reminders", "reminders", "You have no reminders."),
    ("sa-2", "Tell me what you can do", "help", "You can ask me things like these: ..."),
)
CREATED_EXAMPLE = {"task_id": _ID, "status": "planning", "created_at": "2026-03-03T10:00:00Z"}
_REQUEST = "Show my reminders, and tell me what you can do"
_TASK = {
    "task_id": _ID,
    "status": "completed",
    "description": _REQUEST,
    "plan_summary": "2 sub-tasks: reminders, help",
    "sub_agents": [
        {
            "id": part,
            "description": description,
            "status": "completed",
            "tool": tool,
            "depends_on": [],
            "result": result,
        }
        for part, description, tool, result in _PARTS
    ],
    "result": "Show my reminders:\nYou have no reminders. ...",
    "created_at": "2026-03-03T10:00:00Z",
    "finished_at": "2026-03-03T10:00:02Z",
}
_PLANNED = [
    {"id": part, "description": description, "tool": tool, "arguments": {}, "depends_on": []}
    for part, description, tool, _ in _PARTS
]
_STARTED = {"sub_agent_id": "sa-1", "description": "Show my reminders", "expected_s": 0.2}
_EVENTS: tuple[tuple[int, EventKind, dict[str, Any]], ...] = (
    (1, "task_started", {"task_id": _ID, "description": _REQUEST}),
    (2, "plan_created", {"task_id": _ID, "sub_tasks": _PLANNED}),
    (3, "sub_agent_started", _STARTED),
    (5, "sub_agent_completed", {"sub_agent_id": "sa-1", "result": "You have no reminders."}),
    (7, "task_completed", {"task_id": _ID, "result": "Show my reminders: ..."}),
)
_STREAM = "\n".join(
    f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n" for number, kind, data in _EVENTS
)


class TaskRoutes(Routes, tag="Agentic Tasks"):
    """Agentic tasks over HTTP; all rules are in the service."""

    def __init__(self, service: TaskService, streams: EventStreams) -> None:
        self._service = service
        self._streams = streams

    def require_available(self) -> None:
        """Refuse every request while tasks are switched off."""
        self._service.require_enabled()

    @route(
        "GET",
        "/v1/agentic/tasks",
        summary="List agentic tasks",
        example=Example(response=[_TASK]),
    )
    async def list_tasks(self, req: Request, resp: Response, query: ListQuery) -> Page[Task]:
        """List your tasks, the newest first.

        Parameters: `limit` (1 to 500, default 100), `offset`, `status`.
        """
        return Page(*await self._service.page(req.context.user.user_id, query))

    @route(
        "POST",
        "/v1/agentic/tasks",
        summary="Create a new agentic task for multi-agent processing",
        status=201,
        errors=(409, 507),
        links=("getTask", "cancelTask"),
        fields={
            "description": "what is to be done; 1 to 4,000 characters, in one of the languages",
            "require_approval": (
                "whether the plan waits for an [approval](approvals.md) before "
                "anything begins; false if not given"
            ),
        },
        example=Example(
            request={"description": _REQUEST, "require_approval": False},
            response=CREATED_EXAMPLE,
        ),
    )
    async def create_task(self, req: Request, resp: Response, body: NewTask) -> CreatedTask:
        """Have one request carried out in parts: see [agents.md](agents.md).

        The answer comes at once, the work goes on.

        More than `agentic.max_open` unfinished tasks: 409. With `agentic.enabled = false` every
        route of tasks is a 503 that names the setting.
        """
        created = await self._service.create(req.context.user, body, req.context.language)
        resp.location = f"/v1/agentic/tasks/{created.task_id}"
        return created

    @route(
        "GET",
        "/v1/agentic/tasks/{task_id}",
        summary="Get the current status and results of an agentic task",
        example=Example(response=_TASK),
    )
    async def get_task(self, req: Request, resp: Response, task: str) -> Task:
        """Show one task: what is planned, how far it is, and what came of it.

        `status` is `planning`, `awaiting_approval`, `running`, `completed`, `failed` or
        `cancelled`; of a sub-task also `pending`. A sub-task has its `result` when it is completed,
        its `reason` when it failed, or was cancelled while its approval was carried out, and an
        `approval_id` when it waits, or waited, for a decision. A task that failed has a `reason`;
        one whose plan waits for its approval has an `approval_id`; one that a
        [schedule](agents.md#schedules) began has `scheduled_by`.
        """
        return await self._service.get(req.context.user.user_id, parse_id(task, "task"))

    @route(
        "GET",
        "/v1/agentic/tasks/{task_id}/stream",
        summary="Stream progress updates via Server-Sent Events",
        media_type=EVENTS,
        errors=(400,),
        example=Example(response=_STREAM),
    )
    async def watch_task(self, req: Request, resp: Response, task: str) -> None:
        """Stream what happens in the course of a task, from its first event on.

        The answer is a stream of [server-sent
        events](https://html.spec.whatwg.org/multipage/server-sent-events.html). With
        `Last-Event-ID` it goes on where a client was cut off, without a gap. It ends after the
        task's last event; that of a finished task is sent whole and ends. A comment comes at least
        every 10 seconds.

        | Event | Data | When |
        | --- | --- | --- |
        | `task_started` | `task_id`, `description` | The task was taken down. |
        | `plan_created` | `task_id`, `sub_tasks` | The sub-tasks are known. |
        | `approval_required` | `approval_id`, `title`, `details`, `sub_agent_id` | It waits. |
        | `sub_agent_started` | `sub_agent_id`, `description`, `expected_s` | A sub-task begins. |
        | `sub_agent_completed` | `sub_agent_id`, `result` | It is done. |
        | `sub_agent_failed` | `sub_agent_id`, `reason` | It could not be done; the others go on. |
        | `task_completed` | `task_id`, `result` | The last event: a sub-task was completed. |
        | `task_failed` | `task_id`, `reason` | The last event. |
        | `task_cancelled` | `task_id` | The last event. |
        | `missed` | `first`, `last` | In the place of events whose stored text cannot be opened. |

        `expected_s` is in how many seconds a sub-task should be done, as the latest with the same
        tool took; null: there was none yet. `approval_required` is about a sub-task, or has
        `task_id` when it is the plan that waits.
        """
        user = req.context.user.user_id
        stream = await self._streams.watch(
            user, last_event_id(req) or 0, stream=parse_id(task, "task")
        )
        send_events(resp, stream)

    @route(
        "POST",
        "/v1/agentic/tasks/{task_id}/cancel",
        summary="Cancel a running agentic task and all its sub-agents",
        optional_body=True,
        example=Example(response={"task_id": _ID, "status": "cancelled"}),
    )
    async def cancel_task(
        self, req: Request, resp: Response, task: str, body: NoFields
    ) -> TaskState:
        """End a task, whatever it is doing, also in the engine.

        What waits for an approval is withdrawn.

        A system command that runs is asked to end within a second, also one that was approved, and
        killed two seconds later. A mail that is being sent, an event that is being made, a restart
        and a reboot go to their end, and the sub-task's `reason` says that its approval knows. What
        was carried out before is `completed`. A task that is over stays as it is: the answer is its
        final state.
        """
        return await self._service.cancel(req.context.user, parse_id(task, "task"))
