"""The loop over a queue: who is next, and what an error costs."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.types import JobOutcome, QueueSettings, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker, keep_lease
from pisovereign.storage.pool import Database
from tests.support.patience import PATIENCE_S

MANY, FEW, LATER = (uuid.UUID(int=number) for number in (1, 2, 3))


class _Job(ClaimedJob):
    """A job that remembers what became of it, without a database."""

    def __init__(self, user: UUID) -> None:
        super().__init__("test", user, uuid.uuid4())
        self.ended: list[Any] = []
        self.is_mine = True
        self.renewals: list[Exception | None] = []

    async def settle(self, connection: Any, state: Any = "done", error: str | None = None) -> bool:
        self.ended.append((state, error))
        return True

    async def retry(self, connection: Any, after_s: float | None, error: str | None = None) -> bool:
        self.ended.append((after_s, error))
        return True

    async def renew(self, connection: Any, lease_s: float) -> None:
        if self.renewals and (error := self.renewals.pop(0)):
            raise error
        if not self.is_mine:
            raise Superseded


class World:
    """Open jobs of several users, in place of the queue, the database and what does the jobs."""

    def __init__(self, *, repeats: bool = True) -> None:
        self.settings = QueueSettings("test", repeats, False, b"")
        self.open: dict[UUID, list[_Job]] = {MANY: [], FEW: [], LATER: []}
        self.begun: list[UUID] = []
        self.ends: list[asyncio.Event] = []
        self.broken: dict[UUID, Exception] = {}
        self.work: Callable[[ClaimedJob], JobOutcome] = lambda job: Settled()

    def add(self, user: UUID) -> _Job:
        job = _Job(user)
        self.open[user].append(job)
        return job

    @asynccontextmanager
    async def transaction(self, user: UUID) -> AsyncIterator[Any]:
        yield None

    async def give_up(self, _: Any, user: UUID) -> list[Any]:
        if user in self.broken:
            raise self.broken[user]
        return []

    async def claim(self, _: Any, user: UUID, lease_s: float) -> ClaimedJob | None:
        return self.open[user].pop(0) if self.open[user] else None

    async def run(self, job: ClaimedJob) -> JobOutcome:
        end = asyncio.Event()
        self.begun.append(job.user)
        self.ends.append(end)
        await end.wait()
        return self.work(job)

    def worker(self, timing: Timing = Timing(10.0)) -> Worker:  # noqa: B008 - immutable
        fake = cast("Any", self)
        return Worker(
            fake,
            cast("Database", self),
            fake,
            [MANY, FEW, LATER],
            timing=timing,
            failure="it waits",
            at_once=8,
        )


async def _settled() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


def test_nobody_waits_for_all_the_jobs_of_another_user() -> None:
    async def course() -> None:
        world = World()
        worker = world.worker(Timing(10.0, ending_s=0.0))
        for _ in range(20):
            world.add(MANY)
        worker.start()
        await _settled()
        assert world.begun == [MANY] * 8
        for user in (FEW, LATER, LATER):
            world.add(user)
        for number in range(4):
            world.ends[number].set()
            await _settled()
        begun = world.begun[8:]
        assert sorted(begun[:2]) == [FEW, LATER]
        assert begun[2:] == [LATER, MANY]
        await worker.stop()

    asyncio.run(course())


@pytest.mark.parametrize(
    ("repeats", "ended"),
    [
        (True, (60.0, "An unexpected error occurred")),
        (False, ("uncertain", "An unexpected error occurred")),
    ],
)
def test_an_unexpected_error_is_not_repeated_at_once_and_holds_up_no_other_job(
    repeats: bool, ended: object, caplog: pytest.LogCaptureFixture
) -> None:
    async def course() -> None:
        world = World(repeats=repeats)
        error = ValueError("a secret")
        poison, fine = world.add(MANY), world.add(MANY)

        def work(job: ClaimedJob) -> JobOutcome:
            if job is poison:
                raise error
            return Retry(3.0, "later")

        world.work = work
        worker = world.worker()
        worker.start()
        await _settled()
        for end in world.ends:
            end.set()
        await _settled()
        await worker.stop()
        assert (poison.ended, fine.ended) == ([ended], [(3.0, "later")])

    asyncio.run(course())
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("repeats", "ended"), [(True, [(0.0, None)]), (False, [])])
def test_a_stop_gives_up_the_lease_only_where_work_is_repeated(
    repeats: bool, ended: list[Any]
) -> None:
    async def course() -> None:
        world = World(repeats=repeats)
        job = world.add(MANY)
        worker = world.worker(Timing(10.0, ending_s=0.0))
        worker.start()
        await _settled()
        await worker.stop()
        assert job.ended == ended
        assert worker.running == {}

    asyncio.run(course())


def test_work_at_a_job_that_is_somebody_elses_ends() -> None:
    async def course() -> None:
        world = World(repeats=False)
        job = world.add(MANY)
        worker = world.worker(Timing(10.0, renew_s=0.01))
        worker.start()
        await _settled()
        job.is_mine = False
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait(list(worker.running.values()))
        assert job.ended == []
        await worker.stop()

    asyncio.run(course())


def test_an_error_about_one_users_rows_holds_up_no_other_user(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def course() -> None:
        world = World()
        world.broken = {user: ValueError("a secret") for user in (MANY, LATER)}
        world.add(FEW)
        worker = world.worker(Timing(10.0, ending_s=0.0))
        worker.start()
        await _settled()
        await worker.stop()
        assert world.begun == [FEW]

    asyncio.run(course())
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("with_work", [True, False])
def test_work_ends_when_its_lease_ran_out_and_a_lease_alone_is_renewed_again(
    with_work: bool,
) -> None:
    """Nobody but who gives it up may end what cannot be cancelled, once the database is back."""

    async def course() -> None:
        world, job = World(), _Job(MANY)
        job.renewals = [ServiceUnavailable("It is away")] * 20 + [None, Superseded()]
        work = asyncio.create_task(asyncio.sleep(60)) if with_work else None
        timing = Timing(lease_s=0.05, renew_s=0.01)
        async with asyncio.timeout(PATIENCE_S):
            await keep_lease(cast("Database", world), job, timing, work)
        if work is None:
            assert job.renewals == []
        else:
            assert len(job.renewals) > 2
            await asyncio.wait((work,))
            assert work.cancelled()

    asyncio.run(course())
