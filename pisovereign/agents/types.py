"""Types of the routes of agentic tasks, and of the parts of a task."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.languages import Language
from pisovereign.validation import no_nul, not_blank

Description = Annotated[
    str, Meta(min_length=1, max_length=4_000, extra={"rules": (not_blank, no_nul)})
]

TaskStatus = Literal["planning", "awaiting_approval", "running", "completed", "failed", "cancelled"]
PartStatus = Literal["pending", "awaiting_approval", "running", "completed", "failed", "cancelled"]
FINAL: frozenset[str] = frozenset(("completed", "failed", "cancelled"))

EventKind = Literal[
    "task_started",
    "plan_created",
    "approval_required",
    "sub_agent_started",
    "sub_agent_completed",
    "sub_agent_failed",
    "task_completed",
    "task_failed",
    "task_cancelled",
]
LAST_EVENTS: frozenset[str] = frozenset(("task_completed", "task_failed", "task_cancelled"))

ANSWER = "answer"
"""The tool of a sub-task that the model answers in words."""
MEMORY = "memory"
"""The tool that searches the user's memories."""

Refusal = Literal["conditional", "not_understood"]


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/agentic/tasks`."""

    description: Description
    require_approval: bool = False


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/agentic/tasks`."""

    status: TaskStatus | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] = 0


class CreatedTask(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a new task."""

    task_id: UUID
    status: TaskStatus
    created_at: dt.datetime


class TaskState(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a cancellation."""

    task_id: UUID
    status: TaskStatus


class SubAgent(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-task, as it is shown.

    `tool` is a command's name, `memory` or `answer`. `result` is there when it was completed,
    `reason` when it failed, or was cancelled while its approval was carried out, `approval_id` when
    it waits, or waited, for a decision.
    """

    id: str
    description: str
    status: PartStatus
    tool: str
    depends_on: list[str]
    approval_id: UUID | UnsetType = UNSET
    result: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task, as it is shown.

    `approval_id` is that of its plan, `scheduled_by` the name of the schedule that made it; `error`
    is there when it cannot be read.
    """

    task_id: UUID
    status: TaskStatus
    description: str
    plan_summary: str | None
    sub_agents: list[SubAgent]
    result: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    reason: str | UnsetType = UNSET
    approval_id: UUID | UnsetType = UNSET
    scheduled_by: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


class Limits(NamedTuple):
    """The limits of one task: tokens of the model, and seconds of work."""

    max_tokens: int
    timeout_s: float


class TaskFinished(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a task of a schedule is over; it has a `result` or a `reason`."""

    task_id: UUID
    scheduled_by: str
    status: str
    result: str | None = None
    reason: str | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-task as it is planned.

    Attributes:
        description: The user's words for it, or the planner's.
        tool: A command's name, `memory` or `answer`.
        arguments: What the tool is given, as JSON.
        depends_on: Numbers of the sub-tasks that come before it.
        refusal: Why it cannot be done: it would change something under a condition, which nobody
            watches, or in a way that was not understood. Words would only seem to do it.
    """

    description: str
    tool: str
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    depends_on: tuple[int, ...] = ()
    refusal: Refusal | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-task as it is stored; numbers count from 1."""

    number: int
    status: PartStatus
    draft: Draft
    approval_id: UUID | None = None
    result: str | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """Return what it is called outside."""
        return part_name(self.number)


class TaskOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of a task: the summary of its plan, and its result or why there is none."""

    plan_summary: str | None = None
    result: str | None = None
    reason: str | None = None


class PartOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of a sub-task: its result, or why there is none."""

    result: str | None = None
    reason: str | None = None

    @classmethod
    def of_command(cls, status: str, told: str) -> PartOutcome:
        """Return what came of a command that was carried out, which need not have succeeded."""
        return cls(result=told) if status == "completed" else cls(reason=told)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The description of a task, and how it is to be worked on."""

    description: str
    language: Language
    require_approval: bool = False


def part_name(number: int) -> str:
    """Return what a sub-task is called outside."""
    return f"sa-{number}"
