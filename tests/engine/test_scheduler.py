"""The scheduler as a state machine over a fake model that remembers what it was fed."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pisovereign.admission.fair_queue import Full
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Job
from pisovereign.engine.scheduler import ALL_EVERY, Scheduler
from pisovereign.engine.sequences import COMPUTED, Slot, StepPart
from pisovereign.engine.waiting_jobs import MOST_PASSED

SLOTS, QUEUE, STEP = 3, 2, 16
GUESS = 8  # no prompt and no answer has it


def job(prompt: list[int], key: str = "", shared: int = 0, *, low_priority: bool = False) -> Job:
    return Job(prompt, shared, key, cast(Generation, None), lambda event: None, low_priority)


def job_of(slot: Slot) -> Job:
    assert slot.job is not None
    return slot.job


def writes(slot: Slot) -> bool:
    return slot.begun and (slot.answering or len(slot.pending) == 1)


class SchedulerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler(slots=SLOTS, queue=QUEUE, step_tokens=STEP)
        self.memory: dict[int, list[int]] = {seq: [] for seq in range(SLOTS)}
        self.open: list[Job] = []
        self.begun: list[Job] = []
        self.ended: list[Job] = []
        self.submitted = 0
        self.turn: list[Slot] = []

    def whose_turn(self) -> list[Slot]:
        running = self.scheduler.running
        first = [slot for slot in running if not job_of(slot).low_priority]
        all_write = all(map(writes, first))
        is_for_all = self.scheduler.steps % ALL_EVERY == ALL_EVERY - 1
        return running if all_write or is_for_all else first

    @rule(
        prompt=st.lists(st.integers(0, 2), min_size=1, max_size=40),
        key=st.sampled_from("ab"),
        low_priority=st.booleans(),
    )
    def submit(self, prompt: list[int], key: str, low_priority: bool) -> None:
        new = job(prompt, key, shared=min(2, len(prompt)), low_priority=low_priority)
        waiting, running = self.scheduler.waiting, len(self.scheduler.running)
        try:
            self.scheduler.submit(new)
        except Full:
            assert waiting + running >= QUEUE + SLOTS
            return
        self.submitted += 1
        self.open.append(new)

    def end(self, victim: Job) -> None:
        assert victim not in self.ended, "every job ends once"
        self.open.remove(victim)
        self.ended.append(victim)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        victim = data.draw(st.sampled_from(self.open))
        victim.cancelled = True
        self.scheduler.withdraw(victim)
        self.scheduler.drop_cancelled()
        assert victim not in [slot.job for slot in self.scheduler.running], "its slot is free"
        self.end(victim)

    @rule(pace=st.integers(1, STEP))
    def change_pace(self, pace: int) -> None:
        self.scheduler.pace = pace

    @rule()
    def admit(self) -> None:
        self.scheduler.admit()
        assert not self.scheduler.waiting or len(self.scheduler.running) == SLOTS

    @rule(
        fails=st.booleans(),
        ends=st.sets(st.integers(0, SLOTS - 1)),
        more=st.integers(1, SLOTS),
        right=st.integers(0, 3),
    )
    def step(self, fails: bool, ends: set[int], more: int = 1, right: int = 0) -> None:
        self.scheduler.admit()
        self.turn = self.whose_turn()
        for slot in self.scheduler.starting():
            self.begin(slot)
        parts = self.scheduler.plan(self.guess)
        self.turn = self.whose_turn()
        assert bool(parts) == bool(self.scheduler.running), "there is always progress"
        self.check_budget([(part.slot, part.count) for part in parts])
        self.check_guesses(parts)
        reading = [slot for slot in self.turn if not writes(slot)]
        if reading and all(slot.begun for slot in reading):
            assert reading[0] in [part.slot for part in parts], "the one in front is not held up"
        if fails:
            return
        for part in parts:
            assert self.memory[part.slot.seq] == part.slot.resident
            self.memory[part.slot.seq] += part.tokens
        self.scheduler.commit(parts)
        for part in (part for part in parts if part.sample):
            slot, done = part.slot, job_of(part.slot)
            assert self.memory[slot.seq][: len(done.prompt)] == done.prompt
            wrong = max(0, len(part.guesses) - right)
            self.scheduler.retract(slot, wrong)
            self.memory[slot.seq] = self.memory[slot.seq][: len(slot.resident)]
            assert self.memory[slot.seq] == slot.resident
            if slot.seq in ends:
                self.scheduler.release(slot)
                self.end(done)
            else:
                self.scheduler.extend(slot, [9] * min(more, self.scheduler.answer_tokens))

    def guess(self, slot: Slot, room: int) -> list[int]:
        assert slot.answering
        assert [slot] == self.scheduler.running
        return [GUESS] * room

    def check_guesses(self, parts: list[StepPart]) -> None:
        for part in parts:
            assert part.sample <= len(part.tokens)
            assert not part.guesses or len(parts) == 1
            if part.guesses:
                assert part.count == len(part.slot.pending)
                assert part.sample == 1 + len(part.guesses)

    def begin(self, slot: Slot) -> None:
        new = job_of(slot)
        keep = slot.reusable(new)
        self.check_turn(slot, len(new.prompt) - keep)
        assert keep <= max(0, len(new.prompt) - COMPUTED)
        self.memory[slot.seq] = self.memory[slot.seq][:keep]
        assert self.memory[slot.seq] == new.prompt[:keep], "reused tokens are the prompt's"
        self.scheduler.begin(slot, keep, pause=new.shared)
        self.begun.append(new)

    def check_turn(self, slot: Slot, left: int) -> None:
        """It comes after everybody who came before, or is much shorter than who is in front."""
        before = [other for other in self.turn if other.last_used < slot.last_used]
        if all(other.begun for other in before):
            return
        front = next(other for other in before if not writes(other))
        of_front = (
            len(front.pending)
            if front.begun
            else len(job_of(front).prompt) - front.reusable(job_of(front))
        )
        assert 4 * left <= of_front

    def check_budget(self, planned: list[tuple[Slot, int]]) -> None:
        assert len({slot.seq for slot, _ in planned}) == len(planned), "one part for each slot"
        assert all(1 <= count <= len(slot.pending) for slot, count in planned)
        assert sum(count for _, count in planned) <= STEP
        assert {slot.seq for slot, _ in planned} <= {slot.seq for slot in self.turn}
        writing = [slot for slot in self.turn if writes(slot)]
        assert [slot for slot, _ in planned[: len(writing)]] == sorted(writing, key=lambda s: s.seq)
        if writing or any(job_of(slot).low_priority for slot, _ in planned):
            prompts = sum(count for _, count in planned[len(writing) :])
            assert prompts <= max(self.scheduler.pace, COMPUTED + 1)
        for slot, count in planned:
            whole = count == len(slot.pending)
            assert whole or slot not in writing, "an answer's tokens are computed together"
            assert count >= COMPUTED or whole, "no single token of a prompt"
            assert len(slot.pending) - count != 1, "nor is one left over"

    @precondition(lambda self: self.scheduler.running)
    @rule()
    def lose_a_sequence(self) -> None:
        slot = self.scheduler.running[0]
        self.memory[slot.seq] = []
        self.scheduler.forget(slot)

    @invariant()
    def nobody_is_lost(self) -> None:
        running = [slot.job for slot in self.scheduler.running]
        assert len({id(job) for job in running}) == len(running), "no job has two slots"
        assert len(running) + self.scheduler.waiting == len(self.open)
        assert len(self.open) + len(self.ended) == self.submitted

    def teardown(self) -> None:
        """Whatever happened, everything that is left can be finished."""
        for _ in range(200):
            if not self.open:
                return
            self.step(fails=False, ends=set(range(SLOTS)))
        raise AssertionError("it does not come to an end")


SchedulerMachine.TestCase.settings = settings(stateful_step_count=40)
TestScheduler = SchedulerMachine.TestCase


def begin_all(scheduler: Scheduler) -> list[Slot]:
    scheduler.admit()
    starting = scheduler.starting()
    for slot in starting:
        scheduler.begin(slot, slot.reusable(job_of(slot)))
    return starting


def run_to_end(scheduler: Scheduler, new: Job) -> int:
    scheduler.submit(new)
    (slot,) = begin_all(scheduler)
    while slot.pending:
        scheduler.commit(scheduler.plan())
    scheduler.release(slot)
    return new.cached_tokens


def test_a_second_turn_reuses_the_first() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    assert run_to_end(scheduler, job([1, 2, 3, 4], "a")) == 0
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5, 6], "a")) == 4
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5, 6], "a")) == 4, "two must be computed"


def test_another_user_shares_only_the_system_message() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    run_to_end(scheduler, job([1, 2, 3, 4, 5], "alice", shared=2))
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob", shared=2)) == 2
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob", shared=2)) == 3


def test_a_user_cannot_call_his_own_guess_a_system_message() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    run_to_end(scheduler, job([1, 2, 3, 4, 5], "alice", shared=2))
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob", shared=5)) == 2


def test_a_cancelled_start_leaves_what_was_there_with_its_owner() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    run_to_end(scheduler, job([1, 2, 3, 4, 5], "alice"))
    bob = job([1, 2, 3, 4, 5], "bob")
    scheduler.submit(bob)
    scheduler.admit()
    bob.cancelled = True
    scheduler.drop_cancelled()
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "bob")) == 0
    assert run_to_end(scheduler, job([1, 2, 3, 4, 5], "alice")) == 0


def test_conversations_stay_in_their_slots() -> None:
    scheduler = Scheduler(slots=2, queue=1, step_tokens=8)
    run_to_end(scheduler, job([0, 1, 2, 3], "a", shared=1))
    run_to_end(scheduler, job([0, 5, 6, 7], "b", shared=1))
    assert run_to_end(scheduler, job([0, 1, 2, 3, 4, 4], "a", shared=1)) == 4
    assert run_to_end(scheduler, job([0, 5, 6, 7, 8, 8], "b", shared=1)) == 4


def test_a_step_ends_where_it_must() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    scheduler.submit(job(list(range(10))))
    scheduler.admit()
    (slot,) = scheduler.starting()
    scheduler.begin(slot, 2, pause=5)
    counts = []
    while slot.pending:
        parts = scheduler.plan()
        counts += [(part.count, part.sample) for part in parts]
        scheduler.commit(parts)
    assert counts == [(3, False), (5, True)]


def test_no_single_token_of_a_prompt_is_computed() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=8)
    scheduler.submit(job(list(range(17))))
    (slot,) = begin_all(scheduler)
    counts = []
    while slot.pending:
        parts = scheduler.plan()
        counts += [part.count for part in parts]
        scheduler.commit(parts)
    assert counts == [8, 7, 2]


def test_answers_go_on_while_a_long_prompt_is_read() -> None:
    scheduler = Scheduler(slots=2, queue=1, step_tokens=8)
    scheduler.pace = 4
    scheduler.submit(job([1]))
    (first,) = begin_all(scheduler)
    scheduler.commit(scheduler.plan())
    scheduler.submit(job(list(range(17))))
    for token in range(5):
        scheduler.extend(first, [token])
        begin_all(scheduler)
        parts = scheduler.plan()
        assert parts[0].slot is first
        assert [part.count for part in parts[1:]] == (
            [4] if token < 3 else [3] if token == 3 else [2]
        )
        scheduler.commit(parts)


def test_a_short_question_does_not_wait_for_a_long_text() -> None:
    scheduler = Scheduler(slots=3, queue=1, step_tokens=16)
    scheduler.submit(job(list(range(100)), "a"))
    scheduler.submit(job(list(range(200, 290)), "b"))
    scheduler.admit()
    scheduler.submit(job(list(range(300, 310)), "c"))
    begin_all(scheduler)
    first = scheduler.plan()
    assert [(part.slot.cache_key, part.count) for part in first] == [("c", 8), ("a", 8)]
    scheduler.commit(first)
    second = scheduler.plan()
    assert [(part.slot.cache_key, part.count) for part in second] == [("c", 2), ("a", 14)]
    assert second[0].sample


def test_what_is_reused_does_not_count_as_long() -> None:
    scheduler = Scheduler(slots=2, queue=1, step_tokens=16)
    run_to_end(scheduler, job(list(range(40)), "a"))
    scheduler.submit(job(list(range(100, 150)), "b"))
    scheduler.submit(job(list(range(44)), "a"))
    begin_all(scheduler)
    parts = scheduler.plan()
    assert [(part.slot.cache_key, part.count) for part in parts] == [("a", 4), ("b", 12)]


def test_who_gives_way_reads_in_small_steps() -> None:
    scheduler = Scheduler(slots=2, queue=1, step_tokens=8)
    scheduler.pace = 4
    scheduler.submit(job(list(range(12)), low_priority=True))
    (slot,) = begin_all(scheduler)
    counts = []
    while slot.pending:
        parts = scheduler.plan()
        counts += [part.count for part in parts]
        scheduler.commit(parts)
    assert counts == [4, 4, 4]


def test_who_gives_way_pauses_while_another_prompt_is_read() -> None:
    scheduler = Scheduler(slots=3, queue=1, step_tokens=8)
    for _ in range(2):
        scheduler.submit(job([1], low_priority=True))
    patient = begin_all(scheduler)
    scheduler.commit(scheduler.plan())
    for slot in patient:
        scheduler.extend(slot, [5])
    scheduler.submit(job(list(range(12))))
    begin_all(scheduler)
    (reader,) = (slot for slot in scheduler.running if slot not in patient)
    counts = []
    for _ in range(2):
        parts = scheduler.plan()
        assert [part.slot for part in parts] == [reader]
        counts.append(parts[0].count)
        scheduler.commit(parts)
    assert counts == [8, 4]
    scheduler.extend(reader, [5])
    assert [part.slot for part in scheduler.plan()] == [*patient, reader]


def test_who_gives_way_goes_on_whatever_comes() -> None:
    scheduler = Scheduler(slots=2, queue=1, step_tokens=8)
    scheduler.submit(job([1], low_priority=True))
    (patient,) = begin_all(scheduler)
    scheduler.commit(scheduler.plan())
    tokens = 0
    scheduler.extend(patient, [5])
    for number in range(5 * ALL_EVERY):
        for slot in scheduler.running:
            if slot is not patient and len(slot.pending) <= 1:
                scheduler.release(slot)
        if len(scheduler.running) == 1:
            scheduler.submit(job(list(range(number, number + 30))))
        begin_all(scheduler)
        parts = scheduler.plan()
        scheduler.commit(parts)
        if patient in [part.slot for part in parts]:
            tokens += 1
            scheduler.extend(patient, [5])
    assert tokens == 5


def test_a_short_prompt_is_not_passed_over_when_there_is_little_room() -> None:
    scheduler = Scheduler(slots=3, queue=1, step_tokens=8)
    scheduler.pace = 4
    for prompt in ([1, 2, 3, 4, 5, 6], [7], [8, 9]):
        scheduler.submit(job(prompt, low_priority=True))
        scheduler.admit()
    long, shortest, _ = scheduler.running
    assert scheduler.starting() == [long]
    scheduler.begin(long, 0, pause=2)  # so that a part of the room is left
    assert scheduler.starting() == [shortest]


def test_people_are_admitted_before_who_gives_way() -> None:
    scheduler = Scheduler(slots=1, queue=3, step_tokens=8)
    for number, low_priority in enumerate((False, True, True, False)):
        scheduler.submit(job([number], low_priority=low_priority))
    order = []
    while scheduler.waiting or scheduler.running:
        scheduler.admit()
        (slot,) = scheduler.running
        order += job_of(slot).prompt
        scheduler.release(slot)
    assert order == [0, 3, 1, 2]


def test_short_prompts_are_admitted_before_a_long_one() -> None:
    scheduler = Scheduler(slots=1, queue=9, step_tokens=8)
    for length in (40, 39, 10, 5, 10):
        scheduler.submit(job([1] * length))
    order = []
    while scheduler.waiting:
        scheduler.admit()
        (slot,) = scheduler.running
        order.append(len(job_of(slot).prompt))
        scheduler.release(slot)
    assert order == [5, 10, 10, 40, 39]


@given(
    st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 3),
)
def test_nobody_is_passed_over_for_long(jobs: list[tuple[int, bool]], burst: int) -> None:
    """However many short prompts come, a job is passed by at most so many of its own priority."""
    scheduler = Scheduler(slots=1, queue=100, step_tokens=8)
    coming = [job([1] * length, low_priority=low) for length, low in jobs]
    came: list[Job] = []
    admitted: list[Job] = []
    while coming or scheduler.waiting:
        for new in coming[:burst]:
            scheduler.submit(new)
            came.append(new)
        coming = coming[burst:]
        scheduler.admit()
        (slot,) = scheduler.running
        new = job_of(slot)
        earlier = came[: came.index(new)]
        for old in (old for old in earlier if old not in admitted):
            assert old.passed <= MOST_PASSED or old.low_priority != new.low_priority
            assert old.low_priority or not new.low_priority, "interactive jobs come first"
        admitted.append(new)
        scheduler.release(slot)
    assert len(admitted) == len(jobs)
    for place, late in enumerate(admitted):
        passing = [
            other
            for other in admitted[:place]
            if came.index(other) > came.index(late) and other.low_priority == late.low_priority
        ]
        assert len(passing) <= MOST_PASSED


def test_new_jobs_come_beside_those_that_are_computed() -> None:
    scheduler = Scheduler(slots=8, queue=1, step_tokens=64)
    for number in range(8):
        scheduler.submit(job([number, 1, 1]))
    begin_all(scheduler)
    for slot in scheduler.slots:
        slot.resident = list(slot.pending)
        if slot.seq != 4:
            scheduler.release(slot)
    for number in range(3):
        scheduler.submit(job([20 + number, 2, 2]))
        scheduler.admit()
    used = sorted(slot.seq for slot in scheduler.running)
    assert used == list(range(used[0], used[0] + 4)), "neighbors"


def test_a_full_queue_says_so() -> None:
    scheduler = Scheduler(slots=1, queue=2, step_tokens=8)
    for _ in range(3):
        scheduler.submit(job([1]))
    with pytest.raises(Full):
        scheduler.submit(job([1]))


def test_tasks_are_in_the_way_unless_they_read_in_their_turn() -> None:
    scheduler = Scheduler(slots=2, queue=2, step_tokens=8)
    scheduler.submit(job([1] * 20, low_priority=True))
    scheduler.admit()
    (slot,) = scheduler.starting()
    scheduler.begin(slot, 0)
    reading = scheduler.plan()
    assert not scheduler.should_preempt(reading), "of nobody"
    scheduler.submit(job([2, 3]))
    assert scheduler.should_preempt(reading)
    scheduler.steps = ALL_EVERY - 1
    assert not scheduler.should_preempt(reading), "it would be planned again"
    assert scheduler.should_preempt([StepPart(slot, 1, sample=True)])
