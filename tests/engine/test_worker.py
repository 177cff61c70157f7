"""The computing thread over a fake context that fails and waits on command."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from pisovereign.engine.errors import QueueFull
from pisovereign.engine.generation import Generation, GenerationStep
from pisovereign.engine.jobs import Delta, Done, EventStream, Failed, Job
from pisovereign.engine.llama import Context, DecodeAborted, DecodeFailed, Entry
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.prompt_lookup import StepCosts
from pisovereign.engine.sampling import DeadEnd, Logits
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.sequences import Slot
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.worker import CRASHED, Worker
from pisovereign.engine_client.types import FinishReason
from pisovereign.process.notify import Progress
from tests.engine.support import until
from tests.support.patience import PATIENCE_S

POISON, SLOW, GUESS = 666, 777, 888


class FakeContext:
    """Fails on a batch with POISON; a batch with SLOW lasts until it is aborted."""

    can_truncate = True

    def __init__(self) -> None:
        self.aborted = threading.Event()
        self.computing_slow = threading.Event()
        self.lengths: dict[int, int] = {}

    def decode(self, entries: Sequence[Entry]) -> list[Logits]:
        tokens = [token for entry in entries for token in entry.tokens]
        if SLOW in tokens:
            self.computing_slow.set()
            assert self.aborted.wait(PATIENCE_S), "nobody aborted"
        if self.aborted.is_set():
            raise DecodeAborted
        time.sleep(0.001)
        if POISON in tokens:
            raise DecodeFailed("poison")
        for entry in entries:
            assert self.lengths.get(entry.seq, 0) == entry.start
            self.lengths[entry.seq] = entry.start + len(entry.tokens)
        return [np.zeros(4, np.float32) for entry in entries for _ in range(entry.sample)]

    def truncate(self, seq: int, length: int) -> bool:
        self.lengths[seq] = min(self.lengths.get(seq, 0), length)
        return True

    def abort(self) -> None:
        self.aborted.set()

    def clear_abort(self) -> None:
        self.aborted.clear()


class FakeGeneration:
    """Says "x" a number of times, all of the same token; with -1 it runs into a dead end."""

    def __init__(self, length: int, token: int, at_once: int) -> None:
        self.length = length
        self.token = token
        self.at_once = at_once
        self.tokens = self.calls = 0

    def guess(self, _costs: StepCosts, most: int) -> Sequence[int]:
        return (GUESS,) * min(3, most, self.length - self.tokens - 1)

    def advance(self, rows: Sequence[Logits], guesses: Sequence[int], most: int) -> GenerationStep:
        assert len(rows) == 1 + len(guesses)
        if self.length < 0:
            raise DeadEnd
        self.calls += 1
        kept = min(self.calls % 5, len(guesses), self.length - self.tokens - 1)
        new = kept + min(self.at_once, most, self.length - self.tokens - kept)
        self.tokens += new
        over = self.tokens >= self.length
        tokens = () if over else (self.token,) * (new - kept)
        reason: FinishReason | None = "length" if over else None
        return GenerationStep(tokens, (Delta("x" * new),), reason, kept, new - kept - 1)


class Bench:
    """A worker on the running loop, until the end of the block."""

    def __init__(self, *, queue: int = 4, slots: int = 2, costs: StepCosts | None = None) -> None:
        self.context = FakeContext()
        self.scheduler = Scheduler(slots=slots, queue=queue, step_tokens=16)
        context = cast(Context, self.context)
        reuse = PrefixReuse(context, self.scheduler.slots, Snapshots(0))
        self.worker = Worker(context, self.scheduler, reuse, costs=costs)
        self.worker.start()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop()

    async def slow(self) -> None:
        """Wait until a slow step is computed."""
        assert await asyncio.to_thread(self.context.computing_slow.wait, PATIENCE_S)
        self.context.computing_slow.clear()

    async def idle(self) -> bool:
        load = self.worker.load
        return load.waiting == 0 and load.active == 0

    def submit(
        self,
        prompt: list[int],
        length: int,
        *,
        says: int = 1,
        at_once: int = 1,
        low_priority: bool = False,
    ) -> tuple[Job, EventStream]:
        events = EventStream()
        generation = cast(Generation, FakeGeneration(length, says, at_once))
        job = Job(prompt, 0, "", generation, events.put, low_priority)
        self.worker.submit(job)
        return job, events


async def to_the_end(events: EventStream) -> tuple[str, Done | Failed]:
    text = ""
    while True:
        event = await events.get(PATIENCE_S)
        match event:
            case Delta(more):
                text += more
            case Done() | Failed():
                return text, event
            case None:
                raise AssertionError("nothing came")


def test_answers_and_counts() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, events = bench.submit([1, 2, 3, 4], 5)
            assert await to_the_end(events) == ("xxxxx", Done("length", 4, 5, 0))
            _, events = bench.submit([1, 2, 3, 4], 1)
            assert await to_the_end(events) == ("x", Done("length", 4, 1, 2))

    asyncio.run(go())


def test_several_tokens_at_once() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, some = bench.submit([1, 2, 3, 4], 20, at_once=3)
            _, one = bench.submit([5, 6], 20)
            assert await to_the_end(some) == ("x" * 20, Done("length", 4, 20, 0))
            assert await to_the_end(one) == ("x" * 20, Done("length", 2, 20, 0))
            assert bench.worker.totals.completion_tokens == 40
            assert bench.worker.totals.forced_tokens == 13

    asyncio.run(go())


@pytest.mark.parametrize("at_once", [1, 3])
def test_wrong_guesses_are_taken_back(at_once: int) -> None:
    async def go() -> None:
        with Bench(costs=StepCosts()) as bench:
            job, events = bench.submit([1, 2, 3, 4], 40, at_once=at_once)
            assert await to_the_end(events) == ("x" * 40, Done("length", 4, 40, 0))
            totals = bench.worker.totals
            assert totals.completion_tokens == 40
            assert totals.guessed_tokens > totals.accepted_tokens > 0
            (slot,) = (slot for slot in bench.scheduler.slots if slot.resident)
            assert slot.resident[:4] == job.prompt
            assert bench.context.lengths[slot.seq] == len(slot.resident)

    asyncio.run(go())


def test_guesses_end_when_another_answer_begins() -> None:
    async def go() -> None:
        with Bench(costs=StepCosts()) as bench:
            _, first = bench.submit([1, 2], 200)
            await first.get(PATIENCE_S)
            _, second = bench.submit([3, 4], 60)
            assert (await to_the_end(second))[1] == Done("length", 2, 60, 0)
            assert (await to_the_end(first))[1] == Done("length", 2, 200, 0)

    asyncio.run(go())


def test_a_poisoned_prompt_spares_several_tokens_beside_it() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, good = bench.submit([1, 2], 300, at_once=4)
            await good.get(PATIENCE_S)
            _, bad = bench.submit([1, POISON, 3], 5)
            assert isinstance((await to_the_end(bad))[1], Failed)
            assert (await to_the_end(good))[1] == Done("length", 2, 300, 0)

    asyncio.run(go())


def test_cancelling_in_the_middle_of_several_tokens() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, neighbor = bench.submit([1, 2], 100, at_once=2)
            await neighbor.get(PATIENCE_S)
            leaves, nothing = bench.submit([3, 4], 1000, at_once=4)
            await nothing.get(PATIENCE_S)
            bench.worker.cancel(leaves)
            assert (await to_the_end(neighbor))[1] == Done("length", 2, 100, 0)
            await until(bench.idle)
            _, again = bench.submit([3, 4, 5, 6], 2)
            assert (await to_the_end(again))[1] == Done("length", 4, 2, 2)

    asyncio.run(go())


def test_a_thread_that_stands_still_makes_no_progress() -> None:
    async def go() -> None:
        with Bench() as bench:
            moves = Progress(bench.worker.nudge)

            async def moved() -> bool:
                return moves()

            assert moves()
            for _ in range(3):  # it has nothing to do, and is awake all the same
                await until(moved)
            bench.submit([1, SLOW], 5)
            await bench.slow()
            moves()
            await asyncio.sleep(0.05)
            assert not moves()

    asyncio.run(go())


def test_a_failed_batch_fails_its_requests_and_no_others() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, bad = bench.submit([1, POISON], 5)
            assert isinstance((await to_the_end(bad))[1], Failed)
            _, good = bench.submit([1, 2], 3)
            assert await to_the_end(good) == ("xxx", Done("length", 2, 3, 0))

    asyncio.run(go())


def test_a_poisoned_prompt_spares_the_answers_beside_it() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, good = bench.submit([1, 2], 300)
            await good.get(PATIENCE_S)
            _, bad = bench.submit([1, POISON, 3], 5)
            assert isinstance((await to_the_end(bad))[1], Failed)
            assert (await to_the_end(good))[1] == Done("length", 2, 300, 0)

    asyncio.run(go())


def test_totals() -> None:
    async def go() -> None:
        with Bench() as bench:
            for _ in range(2):
                await to_the_end(bench.submit([1, 2, 3, 4], 5)[1])
            totals = bench.worker.totals
            assert (totals.prompt_tokens, totals.cached_tokens) == (8, 2)
            assert totals.completion_tokens == 10
            assert totals.occupancy == 1.0

    asyncio.run(go())


def test_a_dead_end_fails_only_its_own_request() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, good = bench.submit([1, 2], 50)
            _, dead = bench.submit([5, 6], -1)
            _, failure = await to_the_end(dead)
            assert isinstance(failure, Failed)
            assert "JSON schema" in failure.error.message
            assert (await to_the_end(good))[0] == "x" * 50

    asyncio.run(go())


def test_cancelling_a_prompt_aborts_the_computation_and_spares_the_neighbor() -> None:
    async def go() -> None:
        with Bench() as bench:
            _, neighbor = bench.submit([1, 2], 200)
            await neighbor.get(PATIENCE_S)
            slow, nothing = bench.submit([3, SLOW, 4], 5)
            await bench.slow()
            bench.worker.cancel(slow)
            _, end = await to_the_end(neighbor)
            assert end == Done("length", 2, 200, 0)
            await until(bench.idle)
            assert await nothing.get(0.05) is None

    asyncio.run(go())


def test_a_step_for_tasks_alone_is_broken_off_for_a_person() -> None:
    async def go() -> None:
        with Bench(slots=3) as bench:
            task, _ = bench.submit([1, SLOW], 5, low_priority=True)
            await bench.slow()
            bench.submit([3, 4], 1, low_priority=True)
            assert not bench.context.aborted.is_set(), "another task is no person"
            _, person = bench.submit([5, 6], 1)
            assert await to_the_end(person) == ("x", Done("length", 2, 1, 0))
            # Nothing of the task is lost: it is computed anew.
            await bench.slow()
            bench.worker.cancel(task)
            await until(bench.idle)

    asyncio.run(go())


def test_a_step_is_broken_off_only_when_a_person_could_begin() -> None:
    async def go() -> None:
        with Bench() as bench:
            bench.submit([1, 3], 1000, low_priority=True)
            slow, _ = bench.submit([2, 3], 5, says=SLOW, low_priority=True)
            await bench.slow()
            bench.submit([3, 4], 3, low_priority=True)
            _, person = bench.submit([5, 6], 1)
            assert not bench.context.aborted.is_set(), "both sequences are taken"
            bench.worker.cancel(slow)
            assert await to_the_end(person) == ("x", Done("length", 2, 1, 0))

    asyncio.run(go())


def test_a_step_with_a_persons_tokens_is_not_broken_off() -> None:
    async def go() -> None:
        with Bench(slots=3) as bench:
            _, task = bench.submit([1, 2], 1000, low_priority=True)
            await task.get(PATIENCE_S)
            bench.submit([3, 4], 5, says=SLOW)
            await bench.slow()
            bench.submit([5, 6], 3)
            assert not bench.context.aborted.is_set()

    asyncio.run(go())


def test_a_person_who_comes_while_tasks_begin_is_not_left_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def go() -> None:
        with Bench() as bench:
            came: list[EventStream] = []
            starting = bench.scheduler.starting

            def meanwhile() -> list[Slot]:
                if not came:
                    came.append(bench.submit([5, 6], 1)[1])
                return starting()

            monkeypatch.setattr(bench.scheduler, "starting", meanwhile)
            bench.submit([1, SLOW], 5, low_priority=True)
            await bench.slow()
            assert await to_the_end(came[0]) == ("x", Done("length", 2, 1, 0))

    asyncio.run(go())


def test_the_queue_is_bounded_and_waiting_jobs_can_be_cancelled() -> None:
    async def go() -> None:
        with Bench(queue=1) as bench:
            slow = [bench.submit([n, SLOW], 1)[0] for n in range(2)]
            await bench.slow()
            waiting, _ = bench.submit([5], 1)
            with pytest.raises(QueueFull) as refused:
                bench.submit([6], 1)
            assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
            bench.worker.cancel(waiting)
            for job in slow:
                bench.worker.cancel(job)
            _, events = bench.submit([7], 2)
            assert (await to_the_end(events))[0] == "xx"
            await until(bench.idle)

    asyncio.run(go())


def test_stopping_interrupts_a_computation() -> None:
    async def go() -> None:
        with Bench() as bench:
            bench.submit([1, SLOW], 1)
            await bench.slow()
            await asyncio.wait_for(asyncio.to_thread(bench.worker.stop), PATIENCE_S)

    asyncio.run(go())


def test_a_thread_that_breaks_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    codes: list[int] = []

    def exit_instead(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr("os._exit", exit_instead)

    async def go() -> None:
        with Bench() as bench:
            monkeypatch.setattr(bench.context, "truncate", None)
            bench.submit([1], 1)
            assert await asyncio.to_thread(ended.wait, PATIENCE_S)

    asyncio.run(go())
    assert codes == [CRASHED]
