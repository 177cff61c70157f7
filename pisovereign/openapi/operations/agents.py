"""Agentic tasks."""

from __future__ import annotations

from pisovereign.agents.types import CreatedTask, ListQuery, NewTask, Task, TaskState
from pisovereign.approvals.types import NoFields
from pisovereign.openapi.operation import EVENTS, Answer, Link, Operation

TAG = "Agentic Tasks"
ONE = "/v1/agentic/tasks/{task_id}"
OPERATIONS = (
    Operation(
        method="get",
        path="/v1/agentic/tasks",
        id="listTasks",
        tag=TAG,
        summary="List agentic tasks",
        query=ListQuery,
        answer=Answer(type=list[Task], headers=("X-Total-Count",)),
    ),
    Operation(
        method="post",
        path="/v1/agentic/tasks",
        id="createTask",
        tag=TAG,
        summary="Create a new agentic task for multi-agent processing",
        request=NewTask,
        answer=Answer(
            status=201,
            description="Created",
            type=CreatedTask,
            headers=("Location",),
            links=tuple(
                Link(operation, "task_id", "task_id") for operation in ("getTask", "cancelTask")
            ),
        ),
        errors=(409,),
    ),
    Operation(
        method="get",
        path=ONE,
        id="getTask",
        tag=TAG,
        summary="Get the current status and results of an agentic task",
        answer=Answer(type=Task),
    ),
    Operation(
        method="get",
        path=f"{ONE}/stream",
        id="watchTask",
        tag=TAG,
        summary="Stream progress updates via Server-Sent Events",
        description="`Last-Event-ID` goes on where a watcher was cut off.",
        answer=Answer(media=EVENTS),
        errors=(400,),
    ),
    Operation(
        method="post",
        path=f"{ONE}/cancel",
        id="cancelTask",
        tag=TAG,
        summary="Cancel a running agentic task and all its sub-agents",
        request=NoFields,
        body_optional=True,
        answer=Answer(type=TaskState),
    ),
)
