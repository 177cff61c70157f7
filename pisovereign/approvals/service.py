"""Rules of approvals: asking, deciding, withdrawing."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal
from uuid import UUID, uuid4

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.api_keys import Identity
from pisovereign.approvals import store
from pisovereign.approvals.execution import QUEUE, TIMING, Claim, Execution
from pisovereign.approvals.metrics import ApprovalMetrics
from pisovereign.approvals.sealed import ApprovalOutcome, ApprovalSealer, ContentBinding
from pisovereign.approvals.store import Row
from pisovereign.approvals.types import (
    Approval,
    Conditional,
    Executor,
    ListQuery,
    NewApproval,
    Supervises,
)
from pisovereign.approvals.view import show
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import Event
from pisovereign.errors import Conflict, NotFound, SealError, ServiceUnavailable
from pisovereign.jobs.queue import JobQueue
from pisovereign.notifications.service import Notification, NotificationService
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection, Database, become
from pisovereign.text.canonical import canonical_line, visible

Decided = Literal["approved", "denied", "cancelled", "expired"]
MOST_PENDING = 100  # of one user
_SETTLED_AT_ONCE = 100


class ApprovalService:
    """Takes side effects down, lets a person decide, and has them carried out.

    Args:
        database: Where approvals are.
        sealer: Seals what they hold.
        audit: Where each step is told, in the transaction of the step.
        notifications: What tells people, and their programs, of what waits.
        executors: What carries out each kind.
        expires: How long one may wait for a decision.
        ways: Returns how a user is told what waits for them.
        supervises: Knows who decides for whom; None: everybody for themselves.
        meter: Counts each step.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: ApprovalSealer,
        audit: AuditLog,
        notifications: NotificationService,
        executors: Mapping[str, Executor],
        expires: dt.timedelta,
        ways: Callable[[UUID], Sequence[Way]] = lambda _: ("events", "push"),
        supervises: Supervises | None = None,
        meter: ApprovalMetrics | None = None,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit
        self._notifications = notifications
        self._executors = executors
        self._expires = expires
        self._ways = ways
        self._supervises = supervises
        self._meter = meter or ApprovalMetrics()
        self._execution = Execution(database, sealer, audit, self._meter)
        self._queue = JobQueue(QUEUE)
        self._running: set[asyncio.Task[Approval]] = set()

    async def request(
        self,
        identity: Identity,
        kind: str,
        title: str,
        payload: Any,
        approval: UUID | None = None,
    ) -> Approval:
        """Ask for an approval.

        Args:
            identity: Who asks.
            kind: Which executor is to carry it out.
            title: What is to happen, in one line; with `payload`, all that the approver sees.
            payload: What the executor will be given, to be written as JSON.
            approval: An id for it, under which it is asked for once; None: a new one.

        Raises:
            Conflict: too many are pending already.
        """
        async with self._database.transaction(identity.user_id) as connection:
            new = NewApproval(kind, title, payload)
            return await self.ask(connection, identity, approval or uuid4(), new)

    async def ask(
        self, connection: Connection, identity: Identity, approval: UUID, new: NewApproval
    ) -> Approval:
        """Ask for an approval in a transaction of the user, under an id of the caller's.

        One that is there already under that id is left as it is, and returned.

        Raises:
            Conflict: too many are pending already.
        """
        assert new.kind in self._executors
        user = identity.user_id
        there = await store.get(connection, user, approval)
        if there is not None:
            return show(self._sealer, there)
        now, pending = await store.clock(connection, user)
        if pending >= MOST_PENDING:
            raise Conflict(f"{MOST_PENDING} approvals are pending; decide some of them first")
        binding = ContentBinding(user, approval, new.kind, now + self._expires)
        sealed = self._sealer.seal(binding, canonical_line(new.title), new.payload)
        key_id, by = self._sealer.key_id, identity.key_name
        row = await store.add(connection, binding, key_id, sealed, by=by, now=now)
        await self._record(connection, row, "requested", identity)
        shown = show(self._sealer, row)
        news = {name: getattr(shown, name) for name in ("id", "kind", "title", "expires_at")}
        told = Notification(
            ways=self._ways(user),
            about="approval",
            subject=approval,
            text=shown.title,
            event="approval_requested",
            data=news,
        )
        await self._notifications.notify(connection, user, told)
        await self._tell_owners(connection, shown, user, news)
        return shown

    async def _tell_owners(
        self, connection: Connection, shown: Approval, user: UUID, news: dict[str, Any]
    ) -> None:
        """Tell those who decide for a user who may not, each as they want to be told."""
        supervised = await self._supervises.of(connection, user) if self._supervises else None
        if supervised is None:
            return
        for owner in supervised.owners:
            await become(connection, owner)
            told = Notification(
                ways=self._ways(owner),
                about="supervised",
                subject=shown.id,
                text=f"{visible(supervised.name)}: {shown.title}",
                event="supervised_approval_requested",
                data={**news, "person_id": user, "person": supervised.name},
            )
            await self._notifications.notify(connection, owner, told)
        await become(connection, user)

    async def withdraw(
        self, connection: Connection, identity: Identity, approvals: Sequence[UUID]
    ) -> set[UUID]:
        """Let none of these happen, as far as that can still be done, in a transaction of the user.

        What is being carried out, and can be stopped, is. Returns those that were pending, which
        are cancelled.
        """
        user = identity.user_id
        there = await store.undecided(connection, user, list(approvals))
        refused = []
        for approval in (each for each in approvals if each in there):
            outcome = self._sealer.seal_outcome(user, approval, ApprovalOutcome())
            refused.append(
                await store.refuse(
                    connection, user, approval, "cancelled", by=identity.key_name, outcome=outcome
                )
            )
        await store.stop(connection, user, list(approvals))
        await self._settle(connection, user)  # what is too old to be withdrawn
        cancelled = [row for row in refused if row is not None]
        for row in cancelled:  # only now: who decides about one locks it before the audit log, too
            await self._record(connection, row, "cancelled", identity)
        await self._tell_decided(connection, cancelled, "cancelled")
        return {row.id for row in cancelled}

    async def undecided(self, user: UUID, approvals: Sequence[UUID]) -> set[UUID]:
        """Return those that still wait for a decision, or are being carried out."""
        if not approvals:
            return set()
        await self.settle(user)
        async with self._database.transaction(user) as connection:
            return await store.undecided(connection, user, list(approvals))

    async def get(self, user: UUID, approval: UUID) -> Approval:
        """Return one approval.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        await self.settle(user)
        async with self._database.transaction(user) as connection:
            return await self.see(connection, user, approval)

    async def see(self, connection: Connection, user: UUID, approval: UUID) -> Approval:
        """Return one approval, in a transaction of the user.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        row = await store.get(connection, user, approval)
        if row is None:
            raise NotFound("No such approval")
        return show(self._sealer, row)

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Approval], int]:
        """Return a page of approvals, the newest first, and how many there are."""
        await self.settle(user)
        async with self._database.transaction(user) as connection:
            rows, total = await store.page(connection, user, query)
        return await made_in_parts(partial(show, self._sealer), rows), total

    async def approve(self, identity: Identity, approval: UUID) -> Approval:
        """Approve, carry out, and return what came of it.

        It goes on also when whoever approved has left.

        Raises:
            NotFound: unknown, or somebody else's.
            Conflict: it is decided already, or too old.
            SealError: it was changed since it was asked for.
            ServiceUnavailable: it was not approved, or its outcome could not be stored.
        """
        task = asyncio.create_task(self._approve(identity, approval))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def deny(self, identity: Identity, approval: UUID, reason: str | None) -> Approval:
        """Refuse what was asked for.

        Raises:
            NotFound: unknown, or somebody else's.
            Conflict: it is decided already, or too old.
        """
        return await self._refuse(identity, approval, "denied", reason)

    async def cancel(self, identity: Identity, approval: UUID) -> Approval:
        """Withdraw what was asked for.

        Raises:
            NotFound: unknown, or somebody else's.
            Conflict: it is decided already, or too old.
        """
        return await self._refuse(identity, approval, "cancelled", None)

    async def settle(self, user: UUID) -> None:
        """Let those expire that were not decided in time, and fail those that were interrupted."""
        async with self._database.transaction(user) as connection:
            await self._settle(connection, user)

    async def _settle(self, connection: Connection, user: UUID) -> None:
        abandoned = await self._queue.give_up(connection, user)
        failed = [await store.interrupt(connection, user, job.id) for job in abandoned]
        expired = await store.expire(connection, user, _SETTLED_AT_ONCE)
        # Only now: who decides about one locks it before the audit log, too.
        for row in filter(None, failed):
            await self._record(connection, row, "failed", None)
        for row in expired:
            await self._record(connection, row, "expired", None)
        await self._tell_decided(connection, expired, "expired")

    async def stop(self, limit_s: float) -> None:
        """Wait for what is being carried out, for so long at most."""
        if self._running:
            await asyncio.wait(self._running, timeout=limit_s)

    async def _approve(self, identity: Identity, approval: UUID) -> Approval:
        claim, executor = await self._claim(identity, approval)
        row = await self._execution.run(claim, executor)
        if row is None:
            return await self.get(identity.user_id, approval)
        return show(self._sealer, row)

    async def _claim(self, identity: Identity, approval: UUID) -> tuple[Claim, Executor]:
        user = identity.user_id
        await self.settle(user)
        began = time.monotonic()
        async with self._database.transaction(user) as connection:
            row = await store.approve(connection, user, approval, identity.key_name)
            if row is None:
                raise await self._not_pending(connection, user, approval)
            executor = self._executors.get(row.kind)
            if isinstance(executor, Conditional) and not executor.is_available_to(user):
                executor = None
            if executor is None:
                raise ServiceUnavailable("Nothing is set up that could carry this out")
            content = self._sealer.open(row.binding, row.key_id, row.content)
            job = await self._queue.begin(connection, user, approval, TIMING.lease_s)
            await self._record(connection, row, "approved", identity)
            await self._tell_decided(connection, [row], "approved")
        return Claim(job, row, content.title, bytes(content.payload), identity, began), executor

    async def _refuse(
        self,
        identity: Identity,
        approval: UUID,
        status: Literal["denied", "cancelled"],
        reason: str | None,
    ) -> Approval:
        user = identity.user_id
        await self.settle(user)
        outcome = self._sealer.seal_outcome(user, approval, ApprovalOutcome(reason=reason))
        async with self._database.transaction(user) as connection:
            row = await store.refuse(
                connection, user, approval, status, by=identity.key_name, outcome=outcome
            )
            if row is None:
                raise await self._not_pending(connection, user, approval)
            await self._record(connection, row, status, identity)
            await self._tell_decided(connection, [row], status)
        return show(self._sealer, row)

    async def _tell_decided(
        self, connection: Connection, rows: Sequence[Row], status: Decided
    ) -> None:
        """Let pages that ask for a decision know that there is one."""
        for row in rows:
            news = {"id": row.id, "status": status}
            await self._notifications.withdraw(connection, row.user, row.id)
            await self._notifications.publish(
                connection, row.user, "approval_decided", row.id, news
            )

    async def _not_pending(
        self, connection: Connection, user: UUID, approval: UUID
    ) -> NotFound | Conflict:
        row = await store.get(connection, user, approval)
        if row is None:
            return NotFound("No such approval")
        # One that is too old for this moment was still pending a moment ago.
        status = "expired" if row.status == "pending" else row.status
        return Conflict(f"This approval is {status} already")

    async def _record(
        self, connection: Connection, row: Row, event: Event, by: Identity | None
    ) -> None:
        try:
            what = self._sealer.open(row.binding, row.key_id, row.content).title
        except SealError:
            what = ""  # it can still be denied, cancelled or expire
        await self._audit.add(
            connection, row.user, event, by=by, kind=row.kind, subject=str(row.id), what=what
        )
        self._database.when_committed(connection, partial(self._meter.step, event))
