"""How long sub-tasks take."""

from __future__ import annotations

import contextlib

from pisovereign.agents.part_worker import PartTimes


def test_the_first_of_a_kind_is_not_known() -> None:
    times = PartTimes()
    with times.measure("weather"):
        pass
    assert times.expected_s("weather") is not None
    assert times.expected_s("reminders") is None


def test_what_failed_says_nothing() -> None:
    times = PartTimes()
    with contextlib.suppress(ValueError), times.measure("weather"):
        raise ValueError
    assert times.expected_s("weather") is None
