"""Carrying an approved thing out, once at most.

Whoever moved the approval from pending to approved carries it out, and nobody else does: with that
step it has begun a job, whose lease it renews. When the process dies, the lease runs out, and the
next look of any process makes the approval a failed one: whether it was carried out is not known,
so it is not tried again.

Somebody may also want it to end before it is done. Any process can note that in the database, and
whoever carries it out looks there twice a second, where ending makes a difference.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from pisovereign.api_keys import Identity
from pisovereign.approvals import store
from pisovereign.approvals.metrics import ApprovalMetrics
from pisovereign.approvals.sealed import ApprovalOutcome, ApprovalSealer, as_json
from pisovereign.approvals.store import Row
from pisovereign.approvals.types import Approved, Executor, Status, Stoppable
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import Event
from pisovereign.errors import NotBegun, PiSovereignError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import QueueSettings
from pisovereign.jobs.worker import Timing, keep_lease
from pisovereign.storage.pool import Connection, Database, retry_unavailable

QUEUE = QueueSettings("approvals", repeats=False, ordered=False)
TIMING = Timing(lease_s=15.0, renew_s=4.0)
_LOOK_S = 0.5  # how soon it is seen that it is to end
# A process that was halted for so long must not begin: others may have given it up.
_BEGIN_S = 10.0


class Claim(NamedTuple):
    """An approval that this process has moved to approved, and when it did that."""

    job: ClaimedJob
    row: Row
    title: str
    payload: bytes
    by: Identity
    at: float


class Limit:
    """A time limit that can be brought forward.

    Args:
        seconds: How long it may take.

    Attributes:
        timeout: What ends the work; used once.
        stopped: Whether it was ended because somebody asked for it.
    """

    def __init__(self, seconds: float) -> None:
        self.timeout = asyncio.timeout(seconds)
        self.stopped = False

    def stop(self) -> None:
        """End the work now, if it goes on."""
        if not self.timeout.expired():
            self.stopped = True
            self.timeout.reschedule(0)


class Execution:
    """Carries out what was claimed.

    Args:
        database: Where approvals are.
        sealer: Seals what came of it.
        audit: Where that is told.
        meter: Counts how it ended.
    """

    def __init__(
        self, database: Database, sealer: ApprovalSealer, audit: AuditLog, meter: ApprovalMetrics
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit
        self._meter = meter

    async def run(self, claim: Claim, executor: Executor) -> Row | None:
        """Carry it out and store what came of it.

        Returns the approval; None: it took so long to store that it counts as interrupted.

        Raises:
            NotBegun: certainly nothing was done, and it waits for a decision again.
            ServiceUnavailable: the outcome cannot be stored; it will count as interrupted.
        """
        status: Status = "failed"
        outcome = ApprovalOutcome(reason="An internal error occurred; it may have been carried out")
        approved = Approved(claim.row.id, claim.row.user, claim.payload)
        limit = Limit(executor.limit_s)
        beside = [asyncio.create_task(keep_lease(self._database, claim.job, TIMING))]
        finish = partial(self._finish, claim)
        try:
            if isinstance(executor, Stoppable) and executor.may_be_stopped(approved):
                beside.append(asyncio.create_task(self._watch(claim.row, limit)))
            status, outcome = await _attempt(claim, executor, approved, limit)
        except NotBegun as error:
            outcome = ApprovalOutcome(reason=error.message)
            finish = partial(self._give_back, claim)
            raise
        finally:
            # Also after an error that nobody expected, which goes on from here.
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            row = await retry_unavailable(partial(finish, status, outcome))
        return row

    async def _watch(self, row: Row, limit: Limit) -> None:
        while not limit.stopped:
            await asyncio.sleep(_LOOK_S)
            with suppress(PiSovereignError):
                async with self._database.transaction(row.user) as connection:
                    stopped = await store.is_stopped(connection, row.user, row.id)
                if stopped:
                    limit.stop()

    async def _give_back(
        self, claim: Claim, status: Status, outcome: ApprovalOutcome
    ) -> Row | None:
        """Let it wait again, as if nobody had approved it; what is to end ends as given."""
        user, approval = claim.row.user, claim.row.id
        async with self._database.transaction(user) as connection:
            if not await claim.job.settle(connection):
                return None
            row = await store.give_back(connection, user, approval)
            if row is not None:
                await self._tell(connection, claim, row, "returned")
            else:
                sealed = self._sealer.seal_outcome(user, approval, outcome)
                row = await store.finish(connection, user, approval, status, sealed)
                if row is not None:
                    await self._tell(connection, claim, row, "failed")
        if row is not None:
            self._meter.step("returned" if row.status == "pending" else row.status)
        return row

    async def _finish(self, claim: Claim, status: Status, outcome: ApprovalOutcome) -> Row | None:
        user, approval = claim.row.user, claim.row.id
        sealed = self._sealer.seal_outcome(user, approval, outcome)
        async with self._database.transaction(user) as connection:
            # First: who gives it up locks the job first, too. Once it was settled, somebody else
            # may have approved it again.
            if not await claim.job.settle(connection):
                return None
            row = await store.finish(connection, user, approval, status, sealed)
            if row is not None:
                event: Event = "executed" if status == "executed" else "failed"
                await self._tell(connection, claim, row, event)
        if row is not None:
            self._meter.carried_out(row.status, time.monotonic() - claim.at)
        return row

    async def _tell(self, connection: Connection, claim: Claim, row: Row, event: Event) -> None:
        await self._audit.add(
            connection,
            row.user,
            event,
            by=claim.by,
            kind=row.kind,
            subject=str(row.id),
            what=claim.title,
        )


async def _attempt(
    claim: Claim, executor: Executor, approved: Approved, limit: Limit
) -> tuple[Status, ApprovalOutcome]:
    if time.monotonic() - claim.at > _BEGIN_S:
        return "failed", ApprovalOutcome(reason="It was not begun: this process was halted")
    try:
        async with limit.timeout:
            result = await executor.carry_out(approved)
    except TimeoutError:
        if limit.stopped:
            return "failed", ApprovalOutcome(reason="It was stopped before it was done")
        return "failed", ApprovalOutcome(reason="It took too long; it may have been carried out")
    except NotBegun:
        raise
    except PiSovereignError as error:
        return "failed", ApprovalOutcome(reason=error.message)
    return "executed", ApprovalOutcome(result=as_json(result))
