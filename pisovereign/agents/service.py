"""Rules of tasks, as their user starts and ends them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid4

from msgspec import UNSET
from msgspec.structs import replace

from pisovereign.agents.dispatcher import Dispatcher
from pisovereign.agents.store import PartRow, TaskRow, TaskStore
from pisovereign.agents.transitions import Ending, Transitions, plan_approval
from pisovereign.agents.types import (
    FINAL,
    CreatedTask,
    ListQuery,
    NewTask,
    Part,
    Request,
    SubAgent,
    Task,
    TaskOutcome,
    TaskState,
    part_name,
)
from pisovereign.api_keys import Identity
from pisovereign.errors import Conflict, NotFound, SealError, ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import NewJob
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.storage.pool import Connection, Database

_MISSING = "No such task"
DISABLED = "Agentic tasks are switched off: set agentic.enabled"


class TaskService:
    """The rules behind the routes, which are refused while tasks are switched off.

    Args:
        database: Where tasks are.
        store: Their SQL.
        queue: Where each task that is not over has a job.
        events: Where each task has a stream.
        transitions: Ends them.
        dispatcher: Works at them.
        enabled: Whether there are tasks at all.
        most_open: How many a user may have that are not over.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: TaskStore,
        queue: JobQueue,
        events: EventLog,
        transitions: Transitions,
        dispatcher: Dispatcher,
        enabled: bool,
        most_open: int,
    ) -> None:
        self._database = database
        self._store = store
        self._queue = queue
        self._events = events
        self._transitions = transitions
        self._dispatcher = dispatcher
        self._enabled = enabled
        self._most_open = most_open

    def require_enabled(self) -> None:
        """Go on only where tasks are switched on.

        Raises:
            ServiceUnavailable: they are not.
        """
        if not self._enabled:
            error = ServiceUnavailable(DISABLED)
            error.details = {"setting": "agentic.enabled"}
            raise error

    async def create(self, identity: Identity, new: NewTask, otherwise: Language) -> CreatedTask:
        """Take a task down; it is worked at from now on.

        Raises:
            Conflict: too many are not over.
        """
        request = Request(
            description=new.description,
            language=detect_language(new.description, otherwise),
            require_approval=new.require_approval,
        )
        user = identity.user_id
        task = uuid4()
        async with self._database.transaction(user, within_quota=True) as connection:
            created_at = await self._add(connection, user, task, request, by=identity.key_name)
        self.wake()
        return CreatedTask(task_id=task, status="planning", created_at=created_at)

    async def add_scheduled(
        self, connection: Connection, user: UUID, task: UUID, request: Request, schedule: str
    ) -> bool:
        """Take a task of a schedule down, in a transaction of the user; whether it is a new one.

        `wake` begins it after the commit.

        Raises:
            Conflict: too many are not over.
        """
        if await self._store.get(connection, user, task) is not None:
            return False
        by = f"schedule {schedule}"
        await self._add(connection, user, task, request, by=by, schedule=schedule)
        return True

    def wake(self) -> None:
        """Begin what was taken down."""
        self._dispatcher.wake()

    async def _add(
        self, connection: Connection, user: UUID, task: UUID, request: Request, **origin: str
    ) -> dt.datetime:
        """Store a task and its job; `origin` is who asks, as the store takes it."""
        if await self._store.count_open(connection, user) >= self._most_open:
            raise Conflict(f"{self._most_open} tasks are not over yet; cancel some of them")
        added = await self._store.add(connection, user, task, request, **origin)
        await self._queue.add(connection, user, NewJob(id=task, subject=task))
        data = {"task_id": task, "description": request.description}
        await self._events.append(connection, user, "task_started", task, data, stream=task)
        return added

    async def get(self, user: UUID, task: UUID) -> Task:
        """Return one task.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            row = await self._store.get(connection, user, task)
            if row is None:
                raise NotFound(_MISSING)
            parts = await self._store.parts(connection, user, [task])
        return self._shown(row, parts[task])

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Task], int]:
        """Return a page of tasks, the newest first, and how many there are."""
        async with self._database.transaction(user) as connection:
            rows, total = await self._store.page(
                connection, user, query.status, query.limit, query.offset
            )
            parts = await self._store.parts(connection, user, [row.id for row in rows])
        return [self._shown(row, parts[row.id]) for row in rows], total

    async def cancel(self, identity: Identity, task: UUID) -> TaskState:
        """Cancel a task with all of its parts; one that is over stays as it is.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        user = identity.user_id
        async with self._database.transaction(user) as connection:
            row = await self._store.get(connection, user, task)
            if row is not None and row.status not in FINAL:  # else it may be deleted just now
                # First the job, as whoever works at it does.
                await self._queue.lock(connection, user, task)
                row = await self._store.get(connection, user, task, lock=True)
            if row is None:
                raise NotFound(_MISSING)
            if row.status in FINAL:
                return TaskState(task_id=task, status=row.status)
            await self._transitions.end(connection, task, identity, self._cancelled(row))
        self._dispatcher.cancel(task)
        return TaskState(task_id=task, status="cancelled")

    def _cancelled(self, row: TaskRow) -> Ending:
        """Return the end of a cancelled task, whether its text can be opened or not."""
        try:
            request, outcome = self._store.open_task(row)
        except SealError:
            return Ending("cancelled", TaskOutcome(), "en")
        return Ending("cancelled", outcome, request.language)

    def _shown(self, row: TaskRow, part_rows: list[PartRow]) -> Task:
        """Return a task with everything about it; one that cannot be opened says so."""
        shown = Task(
            task_id=row.id,
            status=row.status,
            description="",
            plan_summary=None,
            sub_agents=[],
            result=None,
            created_at=row.created_at,
            finished_at=row.finished_at,
            scheduled_by=row.schedule or UNSET,
        )
        try:
            request, outcome = self._store.open_task(row)
            parts = [self._store.open_part(row.user, part) for part in part_rows]
        except SealError as error:
            return replace(shown, error=error.message)
        waits = request.require_approval and row.status == "awaiting_approval"
        at_plan = waits and all(part.status == "pending" for part in parts)
        return replace(
            shown,
            description=request.description,
            plan_summary=outcome.plan_summary,
            sub_agents=[_sub_agent(part) for part in parts],
            result=outcome.result,
            reason=UNSET if outcome.reason is None else outcome.reason,
            approval_id=plan_approval(row.id) if at_plan else UNSET,
        )


def _sub_agent(part: Part) -> SubAgent:
    return SubAgent(
        id=part.name,
        description=part.draft.description,
        status=part.status,
        tool=part.draft.tool,
        depends_on=[part_name(number) for number in part.draft.depends_on],
        approval_id=part.approval_id or UNSET,
        result=UNSET if part.result is None else part.result,
        reason=UNSET if part.reason is None else part.reason,
    )
