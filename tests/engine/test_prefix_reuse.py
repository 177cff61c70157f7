"""Where prefixes come from, over a context that only remembers what it holds."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Job
from pisovereign.engine.llama import Context
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.slots import Slot
from pisovereign.engine.snapshots import Snapshots

SYSTEM = [1] * 20


class FakeContext:
    """A state is one byte for each token."""

    can_truncate = True

    def __init__(self, slots: int) -> None:
        self.held: list[list[int]] = [[] for _ in range(slots)]
        self.broken = False
        self.full = False

    def truncate(self, seq: int, length: int) -> bool:
        self.held[seq] = self.held[seq][:length]
        return True

    def state_size(self, seq: int) -> int:
        return len(self.held[seq])

    def save(self, seq: int) -> NDArray[np.uint8]:
        if self.full:
            raise MemoryError
        return np.array(self.held[seq], np.uint8)

    def restore(self, seq: int, state: NDArray[np.uint8]) -> bool:
        self.held[seq] = [] if self.broken else state.tolist()
        return not self.broken


class Bench:
    def __init__(self, slots: int, limit: int) -> None:
        self.context = FakeContext(slots)
        self.scheduler = Scheduler(slots=slots, queue=9, step_tokens=64)
        self.snapshots = Snapshots(limit)
        self.reuse = PrefixReuse(cast(Context, self.context), self.scheduler.slots, self.snapshots)

    def start(self, key: str, prompt: list[int], shared: int = 0) -> tuple[Job, Slot]:
        """Have a prompt computed; the job keeps its slot."""
        job = Job(prompt, shared, key, cast(Generation, None), lambda event: None)
        self.scheduler.submit(job)
        self.scheduler.admit()
        (slot,) = self.scheduler.starting()
        keep = self.reuse.prepare(slot)
        assert self.context.held[slot.seq] == prompt[:keep], "exactly that, and nothing beyond it"
        self.scheduler.begin(slot, keep, self.reuse.boundary(job, keep))
        while slot.pending:
            parts = self.scheduler.plan()
            for part in parts:
                self.context.held[part.slot.seq] += part.slot.pending[: part.count]
            self.scheduler.commit(parts)
            for part in parts:
                self.reuse.computed(part.slot)
        return job, slot

    def run(self, key: str, prompt: list[int], shared: int = 0) -> int:
        """The same, then the job ends; returns how many tokens were reused."""
        job, slot = self.start(key, prompt, shared)
        self.scheduler.release(slot)
        return job.cached_tokens


def text(number: int, length: int = 40) -> list[int]:
    return [number] * length


@pytest.mark.parametrize("limit", [0, 10_000])
def test_a_running_slot_is_copied_for_its_own_user_only(limit: int) -> None:
    bench = Bench(slots=3, limit=limit)
    bench.start("alice", text(5))
    job, _ = bench.start("alice", text(5) + text(6))
    assert job.cached_tokens == 40
    job, _ = bench.start("bob", text(5) + text(6))
    assert job.cached_tokens == 0


def test_everybody_gets_the_operators_prompt_from_a_running_slot_and_no_more() -> None:
    bench = Bench(slots=2, limit=0)
    bench.start("alice", SYSTEM + text(5), shared=len(SYSTEM))
    job, slot = bench.start("bob", SYSTEM + text(5), shared=len(SYSTEM))
    assert job.cached_tokens == len(SYSTEM)
    assert slot.cache_key == "bob"


def test_the_operators_prompt_is_kept_when_every_slot_is_gone() -> None:
    bench = Bench(slots=1, limit=len(SYSTEM))
    bench.run("alice", SYSTEM + text(5), shared=len(SYSTEM))
    assert bench.snapshots.has(None, SYSTEM)
    assert not bench.snapshots.has(None, [*SYSTEM, 5])
    bench.run("carol", text(7))
    assert bench.run("bob", SYSTEM + text(5), shared=len(SYSTEM)) == len(SYSTEM)


def test_a_conversation_comes_back_after_others_took_its_slot() -> None:
    bench = Bench(slots=1, limit=10_000)
    bench.run("alice", text(5))
    bench.run("bob", text(6))
    assert bench.run("alice", text(5) + text(7)) == 40
    assert bench.run("bob", text(6) + text(7)) == 40
    assert bench.snapshots.hits == 2


def test_without_a_budget_it_does_not() -> None:
    bench = Bench(slots=1, limit=0)
    bench.run("alice", text(5))
    bench.run("bob", text(6))
    assert bench.run("alice", text(5) + text(7)) == 0


def test_a_state_that_cannot_be_restored_is_computed_again() -> None:
    bench = Bench(slots=1, limit=10_000)
    bench.run("alice", text(5))
    bench.run("bob", text(6))
    bench.context.broken = True
    assert bench.run("alice", text(5) + text(7)) == 0


def test_without_memory_for_a_copy_tokens_are_computed_again() -> None:
    bench = Bench(slots=2, limit=10_000)
    bench.context.full = True
    bench.start("alice", SYSTEM + text(5), shared=len(SYSTEM))
    job, slot = bench.start("alice", SYSTEM + text(5) + text(6), shared=len(SYSTEM))
    assert job.cached_tokens == 0
    bench.scheduler.release(slot)
    assert bench.run("bob", text(7)) == 0
    assert len(bench.snapshots) == 0


def test_a_few_tokens_are_not_worth_a_copy() -> None:
    bench = Bench(slots=2, limit=10_000)
    bench.start("alice", text(5, 10) + text(6, 500))
    job, _ = bench.start("alice", text(5, 10) + text(7))
    assert job.cached_tokens == 0


parts = st.lists(st.integers(2, 3), max_size=3)


@given(
    requests=st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), parts), max_size=14),
    slots=st.integers(1, 3),
    limit=st.sampled_from([0, 60, 100_000]),
)
def test_nobody_learns_what_others_wrote(
    requests: list[tuple[str, bool, list[int]]], slots: int, limit: int
) -> None:
    """What is reused was written by the same user before, or is the operator's prompt."""
    bench = Bench(slots, limit)
    written: dict[str, list[list[int]]] = {"a": [], "b": []}
    for key, official, pieces in requests:
        shared = len(SYSTEM) if official else 0
        prompt = SYSTEM + [token for piece in pieces for token in text(piece, 17)] + [9]
        cached = bench.run(key, prompt, shared)
        if cached > shared:
            assert any(old[:cached] == prompt[:cached] for old in written[key])
        written[key].append(prompt)
        assert bench.snapshots.bytes <= limit
