"""Ratios are taken inside of pairs, and a median past its limit is told."""

from __future__ import annotations

import pytest

from bench.dialogue import Heard
from bench.side_result import (
    FIRST,
    GAP,
    LIMITS,
    RATE,
    Cell,
    Pair,
    by_model,
    cell_of,
    samples,
    too_slow,
)


def heard(first_s: float = 0.1, *, tokens: int = 3, due_s: float = 0.0) -> Heard:
    """An answer of three pieces, the longest gap between them 50 ms."""
    return Heard(
        due_s=due_s,
        first_s=first_s,
        end_s=1.0,
        gaps_s=[0.02, 0.05],
        tokens=tokens,
        prompt_tokens=40,
        cached_tokens=20,
    )


def pair(native: float, completions: float, gap: float = 10.0) -> Pair:
    """Columns that took so many milliseconds to the first text, and to the longest gap."""
    return {
        "native": {FIRST: [native], GAP: [gap], RATE: [100.0]},
        "completions": {FIRST: [completions], GAP: [10.0], RATE: [50.0]},
    }


def ratio(cell: Cell, figure: str) -> tuple[float, float, float]:
    (found,) = (each for each in cell.ratios if each.figure == figure)
    return found.median, found.low, found.high


def test_figures_of_answers() -> None:
    found = samples([heard(), heard(0.3, due_s=1.0)], {"engine": 0.5})
    assert found[FIRST] == [100.0, 300.0]
    assert found[GAP] == [50.0, 50.0]
    assert found[RATE] == [3.0]
    assert found["engine CPU ms an answer"] == [250.0]


def test_an_answer_in_one_piece_has_no_gap() -> None:
    one = Heard(due_s=0, first_s=1, end_s=1, gaps_s=[], tokens=1, prompt_tokens=1, cached_tokens=0)
    assert samples([one], {})[GAP] == []


def test_a_slow_moment_of_the_machine_does_not_count() -> None:
    """It meets both columns of a pair."""
    rounds = [[pair(11, 10), pair(110, 100), pair(12, 10)], [pair(33, 30)]]
    assert ratio(cell_of(1, "short", rounds), FIRST) == pytest.approx((1.1, 1.1, 1.1))


def test_the_range_is_of_the_rounds() -> None:
    rounds = [[pair(10, 10), pair(90, 10), pair(12, 10)], [pair(20, 10)]]
    assert ratio(cell_of(1, "short", rounds), FIRST) == pytest.approx((1.6, 1.2, 2.0))


def test_a_pair_without_a_gap_is_left_out_of_the_gaps_alone() -> None:
    without: Pair = {
        "native": {FIRST: [30.0], GAP: [], RATE: [100.0]},
        "completions": {FIRST: [10.0], GAP: [10.0], RATE: [50.0]},
    }
    cell = cell_of(1, "short", [[pair(10, 10, 15), without], [without]])
    assert ratio(cell, GAP) == (1.5, 1.5, 1.5)
    assert ratio(cell, FIRST) == (3.0, 2.0, 3.0)


def test_of_tokens_a_second_more_is_better() -> None:
    assert ratio(cell_of(1, "short", [[pair(10, 10)]]), RATE)[0] == 2.0


def test_questions_that_the_model_was_not_asked_are_left_out_of_all_columns() -> None:
    found = by_model(
        {
            "native": [heard(0.1), heard(0.2, tokens=0), heard(0.3)],
            "completions": [heard(0.4), heard(0.5), heard(0.6)],
        }
    )
    assert [one.first_s for one in found["native"]] == [0.1, 0.3]
    assert [one.first_s for one in found["completions"]] == [0.4, 0.6]


@pytest.mark.parametrize(
    ("native", "gap", "told"),
    [(12.4, 19.9, 0), (12.6, 19.9, 1), (12.4, 20.1, 1), (12.6, 20.1, 2), (12.5, 20.0, 0)],
)
def test_each_limit_is_held(native: float, gap: float, told: int) -> None:
    assert (LIMITS[FIRST], LIMITS[GAP]) == (1.25, 2.0)
    cell = cell_of(1, "short", [[pair(native, 10, gap)]])
    assert len(too_slow([cell], "completions")) == told


def test_what_was_not_measured_does_not_pass() -> None:
    cell = Cell(clients=1, prompts="short", left_out=30, figures=[], ratios=[])
    with pytest.raises(ValueError, match="was not compared"):
        too_slow([cell], "completions")
