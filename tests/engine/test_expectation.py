"""What is expected of requests, with a scheduler that really plans and steps of known times."""

from __future__ import annotations

from typing import Any, cast

import pytest

from pisovereign.engine.expectation import Expectation
from pisovereign.engine.jobs import Job
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.step_times import Step, StepTimes

STEP_S, TOKEN_S = 0.01, 0.005
AT_ONCE = 64


class Generation:
    """An answer that has no token yet."""

    tokens, max_tokens = 0, 1000


def job(prompt: list[int], *, low_priority: bool = False) -> Job:
    generation = cast(Any, Generation())
    return Job(prompt, 0, "a", generation, lambda _: None, low_priority=low_priority)


class Board:
    """A scheduler, and what is expected there; each step takes as long as it always does."""

    def __init__(self, slots: int = 2) -> None:
        self.scheduler = Scheduler(slots=slots, queue=8, step_tokens=AT_ONCE)
        self.times = StepTimes()
        for tokens in (8, 20, 64, 40, 12, 64, 30):
            self.times.observe_reading(Step(tokens, 0), STEP_S + TOKEN_S * tokens)
        for answers in (1, 2, 3):
            self.times.observe_writing(answers, answers, self.seconds(answers))
        self.expectation = Expectation(self.scheduler, Snapshots(0), self.times)

    @staticmethod
    def seconds(tokens: int) -> float:
        return STEP_S + TOKEN_S * tokens

    def expected_s(self, new: Job) -> float:
        expected = self.expectation.of(new, 0.0)
        assert expected is not None
        return expected.first_s

    def add(self, new: Job) -> None:
        self.scheduler.submit(new)
        self.scheduler.admit()

    def step(self) -> float:
        """Compute one step; return how long it took."""
        for slot in self.scheduler.starting():
            assert slot.job is not None
            self.scheduler.begin(slot, slot.reusable(slot.job))
        parts = self.scheduler.plan()
        took = self.seconds(sum(part.count for part in parts))
        self.scheduler.commit(parts)
        for part in parts:
            if part.sample:
                self.scheduler.extend(part.slot, [7])
        return took

    def first_token_s(self, new: Job) -> float:
        """Compute until the job's first token is there."""
        self.add(new)
        took = 0.0
        while not any(slot.job is new and slot.answering for slot in self.scheduler.slots):
            took += self.step()
        return took


def test_nothing_is_expected_before_something_was_measured() -> None:
    scheduler = Scheduler(slots=1, queue=1, step_tokens=AT_ONCE)
    expectation = Expectation(scheduler, Snapshots(0), StepTimes())
    assert expectation.of(job([1, 2, 3]), 0.0) is None


@pytest.mark.parametrize("length", [5, 60, 200, 1000])
def test_a_prompt_alone(length: int) -> None:
    board = Board()
    new = job(list(range(length)))
    expected = board.expectation.of(new, 0.0)
    assert expected is not None
    assert expected.computed == length
    assert expected.read_s == pytest.approx(expected.first_s)
    assert expected.first_s == pytest.approx(board.first_token_s(new), rel=0.1)


def test_what_is_computed_already_takes_no_time() -> None:
    board = Board()
    first = job(list(range(500)))
    board.first_token_s(first)
    for slot in board.scheduler.slots:
        if slot.job is first:
            board.scheduler.release(slot)
    again = job([*range(500), 1, 2, 3])
    expected = board.expectation.of(again, 0.0)
    assert expected is not None
    assert expected.computed == 3
    assert expected.first_s == pytest.approx(board.seconds(3), rel=0.1)


def test_behind_a_prompt_that_is_read() -> None:
    board = Board()
    board.add(job(list(range(1, 400))))
    board.step()
    new = job(list(range(1000, 1300)))
    alone = Board().expected_s(job(list(range(1000, 1300))))
    expected = board.expected_s(new)
    assert expected > 1.5 * alone
    assert expected == pytest.approx(board.first_token_s(new), rel=0.2)


def test_a_short_one_beside_a_long_one() -> None:
    board = Board()
    board.add(job(list(range(1, 1000))))
    board.step()
    new = job(list(range(2000, 2040)))
    assert board.expected_s(new) == pytest.approx(board.first_token_s(new), rel=0.25)


def test_beside_an_answer_that_is_written() -> None:
    board = Board()
    board.first_token_s(job(list(range(1, 40))))
    board.scheduler.pace = 32
    new = job(list(range(1000, 1200)))
    expected = board.expected_s(new)
    assert expected > Board().expected_s(job(list(range(1000, 1200))))
    assert expected == pytest.approx(board.first_token_s(new), rel=0.2)


def test_where_all_slots_are_taken_it_waits_for_one() -> None:
    board = Board(slots=1)
    board.first_token_s(job([1, 2, 3]))
    new = job([5, 6, 7, 8])
    waiting = board.expected_s(new)
    assert waiting > 20 * Board(slots=1).expected_s(job([5, 6, 7, 8]))
    board.add(job([9, 9, 9, 9]))
    assert board.expected_s(new) > 1.5 * waiting


def test_tasks_that_give_way_make_nobody_wait() -> None:
    board = Board()
    board.add(job(list(range(1, 800)), low_priority=True))
    board.step()
    new = job(list(range(2000, 2100)))
    expected = board.expected_s(new)
    assert expected == pytest.approx(Board().expected_s(job(list(range(2000, 2100)))))
    assert board.expected_s(job(list(range(2000, 2100)), low_priority=True)) > 2 * expected


def test_what_else_is_done_for_a_first_token_is_learned() -> None:
    board = Board()
    before = board.expected_s(job([1, 2, 3]))
    for _ in range(100):
        board.expectation.began(0.1, 0.11)
        board.expectation.began(0.11, 0.11)
    assert before < board.expected_s(job([1, 2, 3])) <= before + 0.11
