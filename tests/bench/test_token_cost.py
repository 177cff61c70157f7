"""Instructions between marks, and what is left of a step when its parts are taken away."""

from __future__ import annotations

import pytest

from bench.callgrind import marked
from bench.step_parts import OF_STEP, STEP
from bench.token_cost import budget


def dump(count: int) -> str:
    return f"version: 1\nevents: Ir\nsummary: {count}\n\n\ntotals: {count}\n"


def test_what_is_between_the_two_marks_of_a_part_counts() -> None:
    """Dumps before are of what was executed until the first mark; the tenth follows the ninth."""
    counts = [1, 2, 3, 1000, 7, 100, 7, 200, 7, 300]
    dumps = [(number + 1, dump(count)) for number, count in enumerate(counts)]
    assert marked(reversed(dumps), 3) == [100, 200, 300]


def test_too_few_marks_are_an_error() -> None:
    with pytest.raises(ValueError, match="1 marks of 1 parts"):
        marked([(1, dump(5))], 1)


def test_the_rest_of_a_step_is_told_behind_it() -> None:
    times = dict.fromkeys(OF_STEP, 1.0) | {STEP: 20.0, "behind it": 3.0}
    found = budget(8000.0, times, {name: 1000 * us for name, us in times.items()})
    names = [cost.part for cost in found]
    assert names[0] == "llama.cpp"
    assert names[-3:] == [STEP, "of it: planning and counting", "behind it"]
    rest = found[-2]
    assert rest.us == 20.0 - len(OF_STEP)
    assert rest.instructions == 1000 * (20.0 - len(OF_STEP))


def test_without_callgrind_there_are_no_instructions() -> None:
    found = budget(8000.0, dict.fromkeys((*OF_STEP, STEP), 1.0), {})
    assert all(cost.instructions is None for cost in found)
