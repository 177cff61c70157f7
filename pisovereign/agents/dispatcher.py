"""Works at the tasks of all users, as many at once as one process should.

A task belongs to whoever holds its lease. A process that ends loses its leases after some seconds,
and another one, or the next one, goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from uuid import UUID

from pisovereign.agents import leases
from pisovereign.agents.leases import LEASE_S, Hold, Superseded
from pisovereign.agents.messages import say
from pisovereign.agents.running_task import RunningTask, identity_of
from pisovereign.agents.sealed import AgentSealer, TaskOutcome
from pisovereign.agents.store import TaskRow
from pisovereign.agents.task_worker import Left, TaskWorker
from pisovereign.agents.transitions import Ending, Transitions, plan_approval
from pisovereign.agents.types import Limits
from pisovereign.approvals.service import ApprovalService
from pisovereign.errors import PiSovereignError, SealError
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.logs import log_unexpected
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
MOST_AT_ONCE = 8
MOST_INTERRUPTIONS = 5
_WATCH_S = 0.5  # how soon it is seen that another process cancelled a task
_RENEW_S = 3.0
_BUSY_S, _IDLE_S = 0.5, 5.0
_RETRY_S = 2.0


class Dispatcher:
    """Claims tasks and works at them.

    Args:
        database: Where tasks are.
        sealer: Opens what they ask for.
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
        sealer: AgentSealer,
        worker: TaskWorker,
        transitions: Transitions,
        approvals: ApprovalService,
        users: Sequence[UUID],
        limits: Callable[[str | None], Limits],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._worker = worker
        self._transitions = transitions
        self._approvals = approvals
        self._users = list(users)
        self._of_user: Counter[UUID] = Counter()
        self._limits = limits
        self.running: dict[UUID, asyncio.Task[None]] = {}
        self._rounds = PeriodicTask(self.claim, "agentic tasks wait", longest_s=_IDLE_S)
        self.start = self._rounds.start
        self.look = self._rounds.wake

    async def stop(self) -> None:
        """End; what is not finished is gone on with after the next start, or elsewhere."""
        await self._rounds.stop()
        running = list(self.running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def cancel(self, task: UUID) -> None:
        """Stop to work at a task that was cancelled."""
        if running := self.running.get(task):
            running.cancel()

    async def claim(self) -> float:
        """Claim what can be gone on with, one by one, each time of who has the fewest.

        Returns the seconds until it is worth while to look again.
        """
        decided: dict[UUID, list[UUID]] = {}
        for user in self._users:
            if (wanted := await self._look_at(user)) is not None:
                decided[user] = wanted
        pause_s = _BUSY_S if decided else _IDLE_S
        while decided and len(self.running) < MOST_AT_ONCE and not self._rounds.ending:
            user = min(filter(decided.__contains__, self._users), key=self._of_user.__getitem__)
            async with self._database.transaction(user) as connection:
                row = await leases.claim(connection, user, decided[user])
            if row is None:
                del decided[user]
            else:
                self._begin(row)
        return pause_s

    async def _look_at(self, user: UUID) -> list[UUID] | None:
        """The parked tasks that can be gone on with; None: nothing of the user's is open."""
        async with self._database.transaction(user) as connection:
            if not await leases.any_open(connection, user):
                return None
            parked = await leases.parked(connection, user)
        return await self._decided(user, parked)

    async def _decided(self, user: UUID, parked: dict[UUID, list[UUID]]) -> list[UUID]:
        """Those parked tasks for which there is something to go on with."""
        waits = {task: ids or [plan_approval(task)] for task, ids in parked.items()}
        every = [approval for ids in waits.values() for approval in ids]
        undecided = await self._approvals.undecided(user, every)
        return [task for task, ids in waits.items() if not undecided.issuperset(ids)]

    def _begin(self, row: TaskRow) -> None:
        task = asyncio.create_task(self._work(row))
        self.running[row.id] = task
        self._of_user[row.user] += 1
        self._users.remove(row.user)
        self._users.append(row.user)  # of those with as few, who began one last comes last
        task.add_done_callback(partial(self._ended, row))

    def _ended(self, row: TaskRow, task: asyncio.Task[None]) -> None:
        self._of_user[row.user] -= 1
        if self.running.get(row.id) is task:
            del self.running[row.id]
        if not task.cancelled() and (error := task.exception()):
            log_unexpected(error)
        self.look()

    async def _work(self, row: TaskRow) -> None:
        hold = Hold(row)
        try:
            request = self._sealer.open_request(row.user, row.id, row.key_id, row.request)
            outcome = self._sealer.open_outcome(row.user, row.id, row.key_id, row.outcome)
        except SealError:
            unreadable = TaskOutcome(reason=say("unreadable", "en"))
            await self._fail(hold, row, Ending("failed", unreadable, "en"))
            return
        if row.interruptions > MOST_INTERRUPTIONS:
            reason = say("interrupted", request.language, row.interruptions)
            given_up = TaskOutcome(plan_summary=outcome.plan_summary, reason=reason)
            await self._fail(hold, row, Ending("failed", given_up, request.language))
            return
        await self._held(RunningTask(row, request, outcome, self._limits(row.schedule)), row)

    async def _fail(self, hold: Hold, row: TaskRow, ending: Ending) -> None:
        with suppress(Superseded):
            await self._transitions.finished(hold, identity_of(row), ending)

    async def _held(self, job: RunningTask, row: TaskRow) -> None:
        """Work at a task while the lease is kept; let go of it in any case."""
        keeping = asyncio.create_task(self._keep(job, asyncio.current_task()))
        parked = False
        try:
            parked = await self._limited(job, job.limits.timeout_s - row.worked_s) == "parked"
        except Superseded:
            pass
        except SealError:
            await self._give_up(job, say("unreadable", job.language))
        except PiSovereignError as error:
            _log.warning("an agentic task waits: %s", error.message)
            await asyncio.sleep(_RETRY_S)
        except Exception as error:  # noqa: BLE001 - the edge: it must not be begun anew for ever
            log_unexpected(error)
            await self._give_up(job, say("error", job.language))
        finally:
            keeping.cancel()
            await asyncio.wait((keeping,))
            await self._let_go(job, parked=parked)

    async def _give_up(self, job: RunningTask, reason: str) -> None:
        try:
            await self._worker.end(job, "failed", reason)
        except Superseded:
            pass
        except Exception as error:  # noqa: BLE001 - the same edge
            log_unexpected(error)
            await asyncio.sleep(_RETRY_S)  # it is begun anew, but not again and again at once

    async def _limited(self, job: RunningTask, limit_s: float) -> Left:
        try:
            async with asyncio.timeout(max(0.0, limit_s)):
                return await self._worker.work(job)
        except TimeoutError:
            reason = say("too_long", job.language, job.limits.timeout_s)
            await self._worker.end(job, "failed", reason)
        return "over"

    async def _keep(self, job: RunningTask, work: asyncio.Task[None] | None) -> None:
        """Prolong the lease, and stop the work when the task is somebody else's, or over."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(_WATCH_S)
            now = time.monotonic()
            try:
                if now - renewed < _RENEW_S:
                    await self._transitions.check(job.hold)
                    continue
                with job.noting() as noted:
                    async with self._database.transaction(job.hold.user) as connection:
                        await job.hold.renew(connection, *noted)
                renewed = now
            except Superseded:
                break
            except PiSovereignError:
                if now - renewed > LEASE_S:  # by now another process may have it
                    break
        if work is not None:
            work.cancel()

    async def _let_go(self, job: RunningTask, *, parked: bool) -> None:
        with suppress(PiSovereignError), job.noting() as noted:
            async with self._database.transaction(job.hold.user) as connection:
                await job.hold.renew(connection, *noted)
                await job.hold.release(connection, parked=parked)
        self.look()
