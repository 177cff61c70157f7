"""The scheduler as a state machine over a fake model that remembers what it was fed."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Job
from pisovereign.engine.scheduler import Full, Scheduler

SLOTS, QUEUE, STEP = 3, 2, 8


def job(prompt: list[int], key: str = "", shared: int = 0) -> Job:
    return Job(prompt, shared, key, cast(Generation, None), lambda event: None)


class SchedulerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler(slots=SLOTS, queue=QUEUE, step_tokens=STEP)
        self.memory: dict[int, list[int]] = {seq: [] for seq in range(SLOTS)}
        self.fed: dict[Job, list[int]] = {}
        self.open: list[Job] = []
        self.started: list[Job] = []

    @rule(prompt=st.lists(st.integers(0, 2), min_size=1, max_size=20), key=st.sampled_from("ab"))
    def submit(self, prompt: list[int], key: str) -> None:
        new = job(prompt, key, shared=min(2, len(prompt)))
        waiting, running = self.scheduler.waiting, len(self.scheduler.running)
        try:
            self.scheduler.submit(new)
        except Full:
            assert waiting + running >= QUEUE + SLOTS
            return
        self.open.append(new)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        victim = data.draw(st.sampled_from(self.open))
        victim.cancelled = True
        self.scheduler.withdraw(victim)
        self.scheduler.drop_cancelled()
        self.open.remove(victim)

    @rule(fails=st.booleans(), ends=st.booleans())
    def step(self, fails: bool, ends: bool) -> None:
        for slot, admitted, keep in self.scheduler.admit():
            self.started.append(admitted)
            self.memory[slot.seq] = self.memory[slot.seq][:keep]
            assert self.memory[slot.seq] == admitted.prompt[:keep], "reused tokens are the prompt's"
            assert keep < len(admitted.prompt)
        parts = self.scheduler.plan()
        assert bool(parts) == bool(self.scheduler.running)
        assert sum(part.count for part in parts) <= STEP
        assert all(part.count >= 1 for part in parts)
        for part in parts:
            assert self.memory[part.slot.seq] == part.slot.resident
        if fails:
            return
        for part in parts:
            self.memory[part.slot.seq] += part.slot.pending[: part.count]
        self.scheduler.commit(parts)
        for part in parts:
            if part.sample:
                done = part.slot.job
                assert done is not None
                assert self.memory[part.slot.seq][: len(done.prompt)] == done.prompt
                if ends:
                    self.scheduler.release(part.slot)
                    self.open.remove(done)
                else:
                    self.scheduler.extend(part.slot, 9)

    @precondition(lambda self: self.scheduler.running)
    @rule()
    def lose_a_sequence(self) -> None:
        slot = self.scheduler.running[0]
        self.memory[slot.seq] = []
        self.scheduler.forget(slot)

    @invariant()
    def nobody_is_lost(self) -> None:
        running = [slot.job for slot in self.scheduler.running]
        assert len(running) + self.scheduler.waiting == len(self.open)
        assert len({slot.seq for slot in self.scheduler.running}) == len(running)

    @invariant()
    def first_come_first_served(self) -> None:
        order = [job for job in self.started if job in self.open]
        assert order == [job for job in self.open if job in self.started]


SchedulerMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None
)
TestScheduler = SchedulerMachine.TestCase


def run_to_end(scheduler: Scheduler, new: Job) -> int:
    scheduler.submit(new)
    ((slot, _, keep),) = scheduler.admit()
    while slot.pending:
        scheduler.commit(scheduler.plan())
    scheduler.release(slot)
    return keep


def test_a_second_turn_reuses_the_first() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    assert run_to_end(scheduler, job([1, 2, 3, 4], "a")) == 0
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5, 6], "a")) == 4
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5, 6], "a")) == 5, "one token must be computed"


def test_another_user_shares_only_the_system_message() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    run_to_end(scheduler, job([1, 2, 3, 4, 5], "alice", shared=2))
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob", shared=2)) == 2
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob", shared=2)) == 4


def test_a_user_cannot_call_his_own_guess_a_system_message() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    run_to_end(scheduler, job([1, 2, 3, 4, 5], "alice", shared=2))
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob", shared=5)) == 2


def test_answers_go_on_while_a_long_prompt_is_read() -> None:
    scheduler = Scheduler(slots=2, queue=1, step_tokens=8)
    scheduler.submit(job([1]))
    ((first, _, _),) = scheduler.admit()
    scheduler.commit(scheduler.plan())
    scheduler.submit(job(list(range(30))))
    list(scheduler.admit())
    for token in range(4):
        scheduler.extend(first, token)
        parts = scheduler.plan()
        assert parts[0].slot is first
        assert sum(part.count for part in parts) == 8 or token == 3
        scheduler.commit(parts)


def test_a_full_queue_says_so() -> None:
    scheduler = Scheduler(slots=1, queue=2, step_tokens=8)
    for _ in range(3):
        scheduler.submit(job([1]))
    with pytest.raises(Full):
        scheduler.submit(job([1]))
