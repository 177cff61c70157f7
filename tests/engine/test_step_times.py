"""What is known of the times of steps."""

from __future__ import annotations

import pytest

from pisovereign.engine.step_times import Step, StepTimes

STEP_S, TOKEN_S, PLACE_S = 0.004, 0.005, 1e-6


def seconds(step: Step) -> float:
    return STEP_S + TOKEN_S * step.tokens + PLACE_S * step.places


def measured(busy: float = 1.0) -> StepTimes:
    times = StepTimes()
    for tokens in (8, 40, 256, 12, 100, 256, 30, 64, 200, 16):
        step = Step(tokens, tokens * tokens // 2)
        times.observe_reading(step, busy * seconds(step))
    for before in (500, 900, 700):
        step = Step(200, 200 * before)
        times.observe_reading(step, busy * seconds(step))
    return times


def test_nothing_is_known_before_something_was_measured() -> None:
    times = StepTimes()
    assert times.current() is None
    times.observe_writing(1, 1, 0.01)
    assert times.current() is None


def test_steps_of_other_sizes_are_known_from_those_that_were_measured() -> None:
    speeds = measured().current()
    assert speeds is not None
    for step in (Step(20, 200), Step(150, 150_000)):
        assert speeds.read_s(step) == pytest.approx(seconds(step), rel=0.15)


def test_a_prompt_is_read_in_steps() -> None:
    speeds = measured().current()
    assert speeds is not None
    steps = [Step(256, 256 * 10 + 256 * 128), Step(44, 44 * 266 + 44 * 22)]
    assert speeds.prompt_s(300, 10, 256) == pytest.approx(sum(map(seconds, steps)), rel=0.15)
    assert speeds.prompt_s(0, 10, 256) == 0


def test_a_machine_that_is_busy_just_now_is_slower_and_is_not_for_ever() -> None:
    times = measured()
    step = Step(256, 256 * 128)
    for _ in range(3):
        times.observe_reading(step, 3 * seconds(step))
    speeds = times.current()
    assert speeds is not None
    assert speeds.busy > 1.5
    for _ in range(30):
        times.observe_reading(step, seconds(step))
    speeds = times.current()
    assert speeds is not None
    assert speeds.read_s(step) == pytest.approx(seconds(step), rel=0.25)


def test_answers_that_are_written_together_take_longer_each() -> None:
    times = measured()
    for _ in range(5):
        times.observe_writing(1, 1, 0.01)
        times.observe_writing(4, 4, 0.03)
    speeds = times.current()
    assert speeds is not None
    assert speeds.token_s(1) == pytest.approx(0.01, rel=0.1)
    assert speeds.token_s(4) == pytest.approx(0.03, rel=0.1)
    # Nobody has seen as many yet.
    assert speeds.token_s(6) > speeds.token_s(4)
    assert speeds.token_s(2) > 0


def test_guesses_that_are_right_make_an_answer_faster() -> None:
    times = measured()
    times.observe_writing(1, 4, 0.02)
    speeds = times.current()
    assert speeds is not None
    assert speeds.token_s(1) == pytest.approx(0.005, rel=0.1)


def test_two_short_steps_promise_no_minutes_for_a_long_prompt() -> None:
    times = StepTimes()
    # Of the second one something else took half of the time.
    times.observe_reading(Step(16, 128), 16 * TOKEN_S)
    times.observe_reading(Step(48, 1152), 2 * 48 * TOKEN_S)
    speeds = times.current()
    assert speeds is not None
    assert 1500 * TOKEN_S < speeds.prompt_s(1500, 0, 256) < 4 * 1500 * TOKEN_S
