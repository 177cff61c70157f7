"""Soak runs as many parts as there is time for, and other ones for each seed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from tools.soak import PROPERTIES, in_order, run_parts

PARTS = ["tests/agents", "tests/memory", "tests/runner", PROPERTIES]


class Clock:
    """Time that passes only while a part runs."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def running(self, codes: dict[str, int], ran: list[str]) -> Callable[[str], int]:
        def run(part: str) -> int:
            ran.append(part)
            self.now += 60
            return codes.get(part, 0)

        return run


def test_the_order_hangs_on_the_seed_and_nothing_else() -> None:
    orders = {tuple(in_order(list(given), "4f2a")) for given in permutations(PARTS)}
    assert len(orders) == 1
    others = {tuple(in_order(PARTS, str(seed))) for seed in range(50)}
    assert len(others) > 10
    assert {order[0] for order in others} == set(PARTS)
    assert all(sorted(order) == sorted(PARTS) for order in others)


@pytest.mark.parametrize(("seconds", "count"), [(None, 4), (0, 0), (1, 1), (61, 2), (1000, 4)])
def test_none_begins_when_the_time_is_up(seconds: float | None, count: int) -> None:
    clock, ran = Clock(), list[str]()
    assert run_parts(PARTS, clock.running({}, ran), seconds, clock, at_once=1) == 0
    assert ran == PARTS[:count]


def test_a_part_that_fails_fails_all_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    clock, ran = Clock(), list[str]()
    codes = {PARTS[1]: 1}
    assert run_parts(PARTS, clock.running(codes, ran), None, clock, at_once=1) == 1
    assert sorted(ran) == sorted(PARTS)
    said = capsys.readouterr().out
    assert f"{PARTS[1]}: failed" in said
    assert f"4 of 4 parts ran; failed: {PARTS[1]}" in said
