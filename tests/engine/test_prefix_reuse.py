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
from pisovereign.engine.sequences import Slot
from pisovereign.engine.snapshots import Snapshots

SYSTEM = [1] * 20


class FakeContext:
    """A state is one byte for each token; what cannot be cut of it is its sum and its length."""

    def __init__(self, slots: int, *, can_truncate: bool) -> None:
        self.can_truncate = can_truncate
        self.held: list[list[int]] = [[] for _ in range(slots)]
        self.broken = False
        self.full = False

    def truncate(self, seq: int, length: int) -> bool:
        if not self.can_truncate and 0 < length < len(self.held[seq]):
            return False
        self.held[seq] = self.held[seq][:length]
        return True

    def checkpoint_size(self, seq: int) -> int:
        return 16

    def checkpoint(self, seq: int) -> NDArray[np.uint8]:
        held = self.held[seq]
        return np.array([len(held), sum(held)], np.int64).view(np.uint8)

    def rewind(self, seq: int, state: NDArray[np.uint8], length: int) -> bool:
        front = self.held[seq][:length]
        assert state.view(np.int64).tolist() == [length, sum(front)], "taken of these tokens"
        self.held[seq] = front
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
    def __init__(self, slots: int, limit: int, *, can_truncate: bool = True) -> None:
        self.context = FakeContext(slots, can_truncate=can_truncate)
        self.scheduler = Scheduler(slots=slots, queue=9, step_tokens=64)
        self.snapshots = Snapshots(limit)
        self.reuse = PrefixReuse(cast(Context, self.context), self.scheduler.slots, self.snapshots)

    def start(
        self, key: str, prompt: list[int], shared: int = 0, stable: int = 0
    ) -> tuple[Job, Slot]:
        """Have a prompt computed; the job keeps its slot."""
        generation = cast(Generation, None)
        job = Job(prompt, shared, key, generation, lambda event: None, stable=stable)
        self.scheduler.submit(job)
        self.scheduler.admit()
        (slot,) = self.scheduler.starting()
        keep = self.reuse.prepare(slot)
        assert self.context.held[slot.seq] == prompt[:keep], "exactly that, and nothing beyond it"
        self.scheduler.begin(slot, keep, self.reuse.boundary(job, keep))
        while slot.pending:
            parts = self.scheduler.plan()
            for part in parts:
                self.reuse.before(part.slot)
                self.context.held[part.slot.seq] += part.slot.pending[: part.count]
            self.scheduler.commit(parts)
            for part in parts:
                self.reuse.computed(part.slot)
        return job, slot

    def run(self, key: str, prompt: list[int], shared: int = 0, stable: int = 0) -> int:
        """The same, then the job ends; returns how many tokens were reused."""
        job, slot = self.start(key, prompt, shared, stable)
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
    limit=st.sampled_from([0, 60, 200, 100_000]),
    can_truncate=st.booleans(),
)
def test_nobody_learns_what_others_wrote(
    requests: list[tuple[str, bool, list[int]]], slots: int, limit: int, *, can_truncate: bool
) -> None:
    """What is reused was written by the same user before, or is the operator's prompt."""
    bench = Bench(slots, limit, can_truncate=can_truncate)
    written: dict[str, list[list[int]]] = {"a": [], "b": []}
    for key, official, pieces in requests:
        shared = len(SYSTEM) if official else 0
        prompt = SYSTEM + [token for piece in pieces for token in text(piece, 17)] + [9]
        cached = bench.run(key, prompt, shared)
        if cached > shared:
            assert any(old[:cached] == prompt[:cached] for old in written[key])
        written[key].append(prompt)
        assert bench.snapshots.bytes + bench.snapshots.reserved <= limit


def test_a_sequence_that_cannot_be_cut_goes_back_to_where_a_turn_began() -> None:
    bench = Bench(slots=1, limit=10_000, can_truncate=False)
    front = SYSTEM + text(5)
    bench.run("alice", front + text(6), len(SYSTEM))
    assert bench.run("alice", front + text(6) + text(7)) == len(front) + 40
    assert bench.run("alice", front + text(8), len(SYSTEM)) == len(SYSTEM), "no turn ended there"


def test_of_two_fronts_one_may_begin_with_the_other() -> None:
    """As the system prompt with tools and without."""
    bench = Bench(slots=1, limit=10_000, can_truncate=False)
    fronts = (SYSTEM, SYSTEM + text(3))
    for key in ("alice", "bob"):
        cached = [bench.run(key, front + text(5), len(front)) for front in fronts]
    assert cached == [len(SYSTEM), len(SYSTEM) + 40]
    assert bench.snapshots.has(None, SYSTEM)
    assert bench.snapshots.has(None, SYSTEM + text(3))


def test_checkpoints_of_free_slots_make_room_for_others() -> None:
    bench = Bench(slots=3, limit=40, can_truncate=False)
    for key in ("alice", "bob", "carol"):
        bench.run(key, text(5) + text(6))
    assert bench.snapshots.reserved <= 40
    (last,) = (slot for slot in bench.scheduler.slots if slot.cache_key == "carol")
    assert last.checkpoints


def test_turns_that_were_changed_do_not_push_out_the_system_prompt() -> None:
    bench = Bench(slots=1, limit=400, can_truncate=False)
    history = SYSTEM + text(5)
    for turn in range(2, 10):
        cached = bench.run("alice", history + text(99, 20), len(SYSTEM), len(history))
        assert cached >= len(history) - 40 - len(SYSTEM) * (turn == 2)
        history += text(turn)
    assert bench.snapshots.has(None, SYSTEM)
    assert len(bench.snapshots) == 1
