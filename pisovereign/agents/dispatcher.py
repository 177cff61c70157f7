"""Works at the tasks of all users, as many at once as one process should.

Each task that is not over has a job; whoever claims it goes on with the task. A process that ends
loses its jobs after some seconds, and another one, or the next one, takes them over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from pisovereign.agents.messages import say
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.store import TaskStore
from pisovereign.agents.task_worker import Left, TaskWorker
from pisovereign.agents.transitions import Ending, Transitions, plan_approval
from pisovereign.agents.types import Limits, TaskOutcome
from pisovereign.approvals.service import ApprovalService
from pisovereign.errors import PiSovereignError, SealError
from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Abandoned, JobOutcome, QueueSettings, Retry
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.logs import log_unexpected
from pisovereign.storage.pool import Connection, Database

TASK_QUEUE = QueueSettings("agent_tasks", repeats=True, ordered=False)
MOST_AT_ONCE = 8
MOST_INTERRUPTIONS = 5
_BUSY_S, _IDLE_S = 0.5, 5.0
_RETRY_S = 2.0
# It is seen at once that another process cancelled a task, and nobody waits for tasks at a stop.
_TIMING = Timing(lease_s=10.0, renew_s=3.0, watch_s=0.5, idle_s=_IDLE_S, ending_s=0.0)


class Dispatcher:
    """Claims tasks and works at them.

    Args:
        database: Where tasks are.
        store: Their SQL.
        queue: Where their jobs are.
        worker: Does the work.
        transitions: Writes down what the worker could not.
        approvals: Where decisions are looked up.
        users: Whose tasks are worked at.
        limits: What a task may take that a schedule of this name made; None: a person.

    Attributes:
        running: The tasks that this process works at.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: TaskStore,
        queue: JobQueue,
        worker: TaskWorker,
        transitions: Transitions,
        approvals: ApprovalService,
        users: Sequence[UUID],
        limits: Callable[[str | None], Limits],
    ) -> None:
        self._database = database
        self._store = store
        self._queue = queue
        self._worker = worker
        self._transitions = transitions
        self._approvals = approvals
        self._limits = limits
        jobs = Worker(
            queue,
            database,
            self,
            users,
            timing=_TIMING,
            failure="agentic tasks wait",
            at_once=MOST_AT_ONCE,
            prepare=self._wake_decided,
        )
        self.running = jobs.running
        self.start, self.stop, self.wake = jobs.start, jobs.stop, jobs.wake
        self.cancel, self.claim = jobs.cancel, jobs.claim

    async def run(self, job: ClaimedJob) -> JobOutcome | None:
        """Go on with a task until it is over, or only waits for decisions."""
        async with self._database.transaction(job.user) as connection:
            row = await self._store.get(connection, job.user, job.id)
        if row is None:
            raise Superseded
        try:
            request, outcome = self._store.open_task(row)
        except SealError:
            unreadable = TaskOutcome(reason=say("unreadable", "en"))
            failed = Ending("failed", unreadable, "en")
            await self._transitions.finished(job, row.identity, failed)
            return None
        running = RunningTask(job, row, request, outcome, self._limits(row.schedule))
        if job.interruptions > MOST_INTERRUPTIONS:
            reason = say("interrupted", running.language, job.interruptions)
            await self._worker.end(running, "failed", reason)
            return None
        job.when_renewed = partial(self._note_work, running)
        return await self._work(running, running.limits.timeout_s - row.worked_s)

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing: a task does not expire, and is taken over from who vanished."""

    async def _wake_decided(self, user: UUID) -> float:
        """Wake the parked tasks for which there is something to go on with."""
        async with self._database.transaction(user) as connection:
            if not await self._queue.any_open(connection, user):
                return _IDLE_S
            parked = await self._queue.parked(connection, user)
            asked = await self._store.awaited(connection, user, parked)
        waits = {task: ids or [plan_approval(task)] for task, ids in asked.items()}
        every = [approval for ids in waits.values() for approval in ids]
        undecided = await self._approvals.undecided(user, every)
        decided = [task for task, ids in waits.items() if not undecided.issuperset(ids)]
        if decided:
            async with self._database.transaction(user) as connection:
                await self._queue.wake(connection, user, decided)
        return _BUSY_S

    async def _work(self, running: RunningTask, limit_s: float) -> Retry | None:
        try:
            left = await self._limited(running, limit_s)
        except SealError:
            return await self._give_up(running, say("unreadable", running.language))
        except PiSovereignError:
            raise  # what it needs is away, or it is somebody else's
        except Exception as error:  # noqa: BLE001 - the edge: it must not be begun anew for ever
            log_unexpected(error)
            return await self._give_up(running, say("error", running.language))
        return Retry(None) if left == "parked" else None

    async def _give_up(self, running: RunningTask, reason: str) -> Retry | None:
        try:
            await self._worker.end(running, "failed", reason)
        except Superseded:
            raise
        except Exception as error:  # noqa: BLE001 - the same edge
            log_unexpected(error)
            return Retry(_RETRY_S)  # it is begun anew, but not again and again at once
        return None

    async def _limited(self, running: RunningTask, limit_s: float) -> Left:
        try:
            async with asyncio.timeout(max(0.0, limit_s)):
                return await self._worker.work(running)
        except TimeoutError:
            reason = say("too_long", running.language, running.limits.timeout_s)
            await self._worker.end(running, "failed", reason)
        return "over"

    async def _note_work(self, running: RunningTask, connection: Connection) -> None:
        worked_s, tokens, noted = running.unnoted()
        job = running.job
        await self._store.add_work(connection, job.user, job.id, worked_s, tokens)
        self._database.when_committed(connection, noted)
