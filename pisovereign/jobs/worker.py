"""The loop that works at the jobs of a queue, as many at once as one process should."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Abandoned, JobOutcome, Retry, Settled
from pisovereign.logs import log_unexpected
from pisovereign.storage.pool import Connection, Database, retry_unavailable

_log = logging.getLogger(__name__)
_RETRY_S, _AFTER_BUG_S = 2.0, 60.0
_BUG = "An unexpected error occurred"


class Timing(NamedTuple):
    """How a worker spends its time, in seconds.

    Attributes:
        lease_s: How long a job is nobody else's after its worker was last heard of.
        renew_s: How often the lease is renewed; None: never, it is longer than any job.
        watch_s: How soon it is seen that a job was taken away; None: at the next renewal.
        idle_s: The longest pause between two looks, for what another process stored.
        ending_s: How long what is running may go on when the process ends.
    """

    lease_s: float
    renew_s: float | None = None
    watch_s: float | None = None
    idle_s: float = 15.0
    ending_s: float = 5.0


class Handler(Protocol):
    """A handler of the jobs of a queue."""

    async def run(self, job: ClaimedJob) -> JobOutcome | None:
        """Do a job; return what is to be stored of it, None if that is stored already.

        After an error the job is run again, or is uncertain where nothing is repeated. It is soon
        run again after a PiSovereignError, which says that something is away.
        """

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Note that nobody will do a job any more, in the transaction in which that is stored."""


class Worker:
    """Claims jobs and has them done, each time of the user for whom the fewest are running.

    Args:
        queue: Where the jobs are.
        database: In which database.
        handler: What does them.
        users: Whose jobs are done; it may change meanwhile.
        timing: How long things take.
        failure: What the log says while something is away.
        at_once: How many jobs this process does at once.
        prepare: Called for each user before jobs are claimed; returns the seconds until it is
            worth while to look again.

    Attributes:
        running: What is being done, by the job's id.
    """

    def __init__(
        self,
        queue: JobQueue,
        database: Database,
        handler: Handler,
        users: Sequence[UUID],
        *,
        timing: Timing,
        failure: str,
        at_once: int = 16,
        prepare: Callable[[UUID], Awaitable[float]] | None = None,
    ) -> None:
        self._queue = queue
        self._database = database
        self._handler = handler
        self._known = users
        self._users = list(users)
        self._timing = timing
        self._failure = failure
        self._at_once = at_once
        self._prepare = prepare
        self._of_user: Counter[UUID] = Counter()
        self.running: dict[UUID, asyncio.Task[None]] = {}
        self._periodic = PeriodicTask(self.claim, failure, longest_s=timing.idle_s)
        self.start = self._periodic.start
        self.wake = self._periodic.wake

    async def stop(self) -> None:
        """End; what does not come to its end in time is left to the next start, or to others."""
        await self._periodic.stop()
        if self.running:
            await asyncio.wait(list(self.running.values()), timeout=self._timing.ending_s)
        left = list(self.running.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def cancel(self, job: UUID) -> None:
        """Stop to work at a job that somebody ended."""
        if task := self.running.get(job):
            task.cancel()

    async def claim(self) -> float:
        """Claim what can be done now, and begin it; return the seconds until the next look."""
        pause_s = self._timing.idle_s
        known = set(self._known)
        self._users = [user for user in self._users if user in known]
        self._users += [user for user in self._known if user not in self._users]
        if self._prepare is not None:
            for user in self._users:
                pause_s = min(pause_s, await self._prepare(user))
        ready = set(self._users)
        while ready and len(self.running) < self._at_once and not self._periodic.ending:
            user = min(filter(ready.__contains__, self._users), key=self._of_user.__getitem__)
            try:
                claimed = await self._claim(user)
            except PiSovereignError:
                raise  # what is away is away for everybody
            except Exception as error:  # noqa: BLE001 - nobody waits for another user's broken rows
                log_unexpected(error)
                claimed = None
            if isinstance(claimed, ClaimedJob):
                self._begin(claimed)
                continue
            ready.remove(user)
            if claimed is not None:
                pause_s = min(pause_s, claimed)
        return pause_s

    async def _claim(self, user: UUID) -> ClaimedJob | float | None:
        async with self._database.transaction(user) as connection:
            for job in await self._queue.give_up(connection, user):
                await self._handler.abandoned(connection, job)
            return await self._queue.claim(connection, user, self._timing.lease_s)

    def _begin(self, job: ClaimedJob) -> None:
        task = asyncio.create_task(self._work(job))
        self.running[job.id] = task
        self._of_user[job.user] += 1
        self._users.remove(job.user)
        self._users.append(job.user)  # of those with as few, whose job began last comes last
        task.add_done_callback(partial(self._ended, job))

    def _ended(self, job: ClaimedJob, task: asyncio.Task[None]) -> None:
        self._of_user[job.user] -= 1
        if self.running.get(job.id) is task:
            del self.running[job.id]
        if not task.cancelled() and (error := task.exception()):
            log_unexpected(error)
        self.wake()

    async def _work(self, job: ClaimedJob) -> None:
        outcome: JobOutcome | None
        try:
            async with self._kept(job):
                outcome = await self._handler.run(job)
        except Superseded:
            return
        except asyncio.CancelledError:
            if self._queue.settings.repeats:  # whoever is next need not wait for the lease
                with suppress(PiSovereignError):
                    await self._store(job, Retry(0.0))
            raise
        except PiSovereignError as error:
            _log.warning("%s: %s", self._failure, error.message)
            outcome = self._after(error.message, _RETRY_S)
        except Exception as error:  # noqa: BLE001 - the edge: one job must not hold up the others
            log_unexpected(error)
            outcome = self._after(_BUG, _AFTER_BUG_S)
        if outcome is not None:
            await retry_unavailable(partial(self._store, job, outcome))

    def _after(self, error: str, pause_s: float) -> JobOutcome:
        if self._queue.settings.repeats:
            return Retry(pause_s, error)
        return Settled("uncertain", error)

    async def _store(self, job: ClaimedJob, outcome: JobOutcome) -> None:
        async with self._database.transaction(job.user) as connection:
            if isinstance(outcome, Retry):
                stored = await job.retry(connection, outcome.after_s, outcome.error)
            else:
                stored = await job.settle(connection, outcome.state, outcome.error)
            if stored and outcome.also is not None:
                await outcome.also(connection)

    @asynccontextmanager
    async def _kept(self, job: ClaimedJob) -> AsyncIterator[None]:
        """Renew the lease within the block, and cancel it when the job is somebody else's."""
        if self._timing.renew_s is None:
            yield
            return
        keeping = asyncio.create_task(
            keep_lease(self._database, job, self._timing, asyncio.current_task())
        )
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait((keeping,))


async def keep_lease(
    database: Database, job: ClaimedJob, timing: Timing, work: asyncio.Task[None] | None = None
) -> None:
    """Renew a job's lease until the job is somebody else's, or over; then cancel the work at it.

    Without work to cancel it also goes on after the lease ran out, while the database was away: who
    is first then, this or whoever gives the job up, decides.
    """
    renew_s = timing.renew_s or timing.lease_s / 3
    renewed = time.monotonic()
    while True:
        await asyncio.sleep(timing.watch_s or renew_s)
        now = time.monotonic()
        due = now - renewed >= renew_s
        try:
            async with database.transaction(job.user) as connection:
                await (job.renew(connection, timing.lease_s) if due else job.check(connection))
        except Superseded:
            break
        except PiSovereignError:
            if work is not None and now - renewed > timing.lease_s:
                break  # by now another process may have it
        else:
            renewed = now if due else renewed
    if work is not None:
        work.cancel()
