"""The queue's promises, on a real database."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

import pytest

from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import NewJob, QueueSettings
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer, load_key
from tests.memory.test_at_rest import superuser
from tests.support.patience import PATIENCE_S
from tests.support.server import Server

T = TypeVar("T")
LEASE_S = 30.0


class Bench:
    """A database, and one user of it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.user = uuid.uuid4()
        self.sealer = Sealer(load_key(server.data_dir / "master.key"))
        self._loop = asyncio.new_event_loop()
        self._database = Database(
            server.database_dsn(), pool_size=3, statement_timeout_s=PATIENCE_S
        )
        self._loop.run_until_complete(self._database.open())

    def queue(
        self, *, repeats: bool = True, ordered: bool = True, most: int | None = None
    ) -> JobQueue:
        name = f"test.{repeats}.{ordered}"
        return JobQueue(QueueSettings(name, repeats, ordered, b"test", most), self.sealer)

    def do(self, work: Callable[[Connection], Awaitable[T]], user: UUID | None = None) -> T:
        """Do something in a transaction of its own."""

        async def course() -> T:
            async with self._database.transaction(user or self.user) as connection:
                return await work(connection)

        return self._loop.run_until_complete(asyncio.wait_for(course(), PATIENCE_S))

    def add(self, queue: JobQueue, *payloads: str, **fields: Any) -> list[UUID]:
        """Add jobs."""
        jobs = [NewJob(id=uuid.uuid4(), payload=text, **fields) for text in payloads]
        for job in jobs:
            self.do(lambda c, job=job: queue.add(c, self.user, job))  # type: ignore[misc]
        return [job.id for job in jobs]

    def claim(self, queue: JobQueue, lease_s: float = LEASE_S) -> ClaimedJob | float | None:
        """Claim the next job."""
        return self.do(lambda c: queue.claim(c, self.user, lease_s))

    def claimed(self, queue: JobQueue, lease_s: float = LEASE_S) -> ClaimedJob:
        """Claim the next job, which has to be there."""
        job = self.claim(queue, lease_s)
        assert isinstance(job, ClaimedJob)
        return job

    def rows(self) -> list[tuple[Any, ...]]:
        """What is stored, in its order."""
        with superuser(self.server) as connection:
            return connection.execute(
                "SELECT state, payload IS NULL, error FROM jobs WHERE user_id = %s ORDER BY seq",
                (self.user,),
            ).fetchall()

    def close(self) -> None:
        """Close the database. What was claimed and not settled would seem to run for long."""
        with superuser(self.server) as connection:
            connection.execute("DELETE FROM jobs WHERE user_id = %s", (self.user,))
        self._loop.run_until_complete(self._database.close())
        self._loop.close()


@pytest.fixture
def bench(server: Server) -> Iterator[Bench]:
    bench = Bench(server)
    yield bench
    bench.close()


def test_jobs_of_a_user_are_run_one_at_a_time_in_their_order(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "first", "second")
    earlier = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    bench.add(queue, "placed before", position=earlier)
    job = bench.claimed(queue)
    assert (job.payload, job.attempt) == ("placed before", 1)
    wait = bench.claim(queue)
    assert isinstance(wait, float)
    assert 0 < wait <= LEASE_S
    assert bench.do(job.settle)
    assert bench.claimed(queue).payload == "first"


def test_a_pause_of_the_oldest_job_holds_up_those_behind_it(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "first", "second")
    job = bench.claimed(queue)
    assert bench.do(lambda c: job.retry(c, 60.0, "busy"))
    wait = bench.claim(queue)
    assert isinstance(wait, float)
    assert LEASE_S < wait <= 60


def test_without_an_order_each_claim_gets_another_job(bench: Bench) -> None:
    queue = bench.queue(ordered=False)
    bench.add(queue, "first", "second")
    assert [bench.claimed(queue).payload for _ in range(2)] == ["first", "second"]
    assert bench.claim(queue) is None


def test_who_was_thought_dead_changes_nothing_any_more(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "text")
    dead = bench.claimed(queue, lease_s=0.0)
    job = bench.claimed(queue)
    assert (job.attempt, job.interruptions) == (2, 1)
    assert not bench.do(dead.settle)
    assert not bench.do(lambda c: dead.retry(c, 0.0))
    for refused in (dead.lock, dead.check, lambda c: dead.renew(c, LEASE_S)):
        with pytest.raises(Superseded):
            bench.do(refused)
    assert bench.do(job.settle)
    assert not bench.do(job.settle)
    assert bench.rows() == [("done", True, None)]


@pytest.mark.parametrize("ordered", [True, False])
def test_a_lease_that_runs_out_while_somebody_looks_lets_nothing_run_twice(
    bench: Bench, ordered: bool
) -> None:
    """Its end is between the two statements of one look; or another process is settling it."""
    queue = bench.queue(repeats=False, ordered=ordered)
    bench.add(queue, "first")
    bench.claimed(queue)

    async def look(connection: Connection) -> ClaimedJob | float | None:
        assert not await queue.give_up(connection, bench.user)
        # For a look that began before, it is over now.
        over = "UPDATE jobs SET lease_until = clock_timestamp() WHERE user_id = %s"
        await connection.execute(over, (bench.user,))
        return await queue.claim(connection, bench.user, LEASE_S)

    assert not isinstance(bench.do(look), ClaimedJob)
    assert not isinstance(bench.claim(queue), ClaimedJob)
    assert [job.state for job in bench.do(lambda c: queue.give_up(c, bench.user))] == ["uncertain"]


def test_where_nothing_is_repeated_a_vanished_worker_leaves_an_uncertain_job(bench: Bench) -> None:
    queue = bench.queue(repeats=False)
    (first, _) = bench.add(queue, "first", "second", kind="letter", subject=uuid.UUID(int=7))
    job = bench.claimed(queue, lease_s=0.0)
    (lost,) = bench.do(lambda c: queue.give_up(c, bench.user))
    assert (lost.id, lost.kind, lost.subject, lost.state) == (
        first, "letter", uuid.UUID(int=7), "uncertain",
    )  # fmt: skip
    assert bench.do(lambda c: queue.give_up(c, bench.user)) == []
    assert bench.claimed(queue).payload == "second"
    assert bench.do(job.settle)  # it comes back after all, and knows
    assert bench.rows()[0] == ("done", True, None)


def test_what_is_too_late_is_not_begun(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "text", expires_s=0.0)
    (late,) = bench.do(lambda c: queue.give_up(c, bench.user))
    assert (late.state, late.error) == ("failed", "It could not be done in time")
    assert bench.claim(queue) is None


def test_a_job_is_stored_once_under_its_id(bench: Bench) -> None:
    queue = bench.queue()
    job = NewJob(id=uuid.uuid4(), payload="text")
    for _ in range(2):
        bench.do(lambda c: queue.add(c, bench.user, job))
    bench.do(bench.claimed(queue).settle)
    bench.do(lambda c: queue.add(c, bench.user, job))
    assert bench.rows() == [("done", True, None)]


def test_more_than_may_wait_are_dropped_and_known(bench: Bench) -> None:
    queue = bench.queue(most=2)
    bench.add(queue, "first", "second", "third")
    assert [row[:2] for row in bench.rows()] == [
        ("waiting", False), ("waiting", False), ("dropped", True),
    ]  # fmt: skip


def test_a_parked_job_waits_for_being_woken(bench: Bench) -> None:
    queue = bench.queue(ordered=False)
    (identifier,) = bench.add(queue, "text")
    job = bench.claimed(queue)
    bench.do(lambda c: job.retry(c, None))
    assert bench.claim(queue) is None
    assert bench.do(lambda c: queue.parked(c, bench.user)) == [identifier]
    bench.do(lambda c: queue.wake(c, bench.user, [identifier]))
    assert bench.claimed(queue).interruptions == 0


def test_a_job_that_cannot_be_read_fails_and_keeps_none_waiting(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "first", "second")
    with superuser(bench.server) as connection:
        connection.execute(
            "UPDATE jobs SET payload = 'x' WHERE user_id = %s AND seq = (SELECT min(seq) FROM jobs"
            " WHERE user_id = %s)",
            (bench.user, bench.user),
        )
    assert bench.claimed(queue).payload == "second"
    assert bench.rows()[0][0] == "failed"


def test_nobody_sees_the_jobs_of_others_and_payloads_are_sealed(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "a secret")
    stranger = uuid.uuid4()
    assert bench.do(lambda c: queue.claim(c, bench.user, LEASE_S), user=stranger) is None
    with superuser(bench.server) as connection:
        row = connection.execute(
            "SELECT payload FROM jobs WHERE user_id = %s", (bench.user,)
        ).fetchone()
    assert row is not None
    assert b"secret" not in row[0]


def test_what_was_settled_long_ago_is_deleted(bench: Bench) -> None:
    queue = bench.queue()
    bench.add(queue, "old", "new")
    bench.do(bench.claimed(queue).settle)
    with superuser(bench.server) as connection:
        connection.execute(
            "UPDATE jobs SET settled_at = now() - interval '31 days'"
            " WHERE user_id = %s AND state = 'done'",
            (bench.user,),
        )
    bench.do(lambda c: queue.give_up(c, bench.user))
    assert bench.rows() == [("waiting", False, None)]
