"""A long run is judged by slopes, windows and bounds that outliers do not move."""

from __future__ import annotations

import pytest

from bench.line_plot import draw
from bench.soak_judge import Call, Verdict, judge, slope, windows
from bench.soak_samples import Held, Sample, Table

HOUR_S = 3600.0
BOUNDS = {"audit_entries": 1000}


def samples(grow_mb: float = 0.0, *, handles: int = 0, rows: int = 900) -> list[Sample]:
    """Two hours of an API worker that grows so much an hour."""
    return [
        Sample(
            at_s=60.0 * minute,
            processes={
                "API worker": Held(1, 150.0, 99.0, 80 + grow_mb * minute / 60, 20 + handles, 5)
            },
            tables={"audit_entries": Table(8192, rows, 0)},
            folders={"postgres": 1 << 20},
        )
        for minute in range(121)
    ]


def calls(last_s: float = 0.1) -> list[Call]:
    """A call each 6 seconds; those of the last hour take so long."""
    return [
        Call("chat", float(at), 0.1 if at < HOUR_S else last_s, 200) for at in range(0, 7200, 6)
    ]


def verdict(verdicts: list[Verdict], part: str) -> bool | None:
    """Whether the one criterion with these words holds."""
    (found,) = (each.holds for each in verdicts if part in each.criterion)
    return found


def test_a_run_that_holds() -> None:
    verdicts = judge(samples(0.3), calls(0.11), warmup_s=600, bounds=BOUNDS)
    assert {each.holds for each in verdicts} == {True}


@pytest.mark.parametrize(("grow_mb", "holds"), [(0.4, True), (0.6, False)])
def test_growth_is_a_slope_that_outliers_do_not_move(grow_mb: float, holds: bool) -> None:
    noted = samples(grow_mb)
    for place in range(20, 120, 10):
        worker = Held(1, 300.0, 300.0, 300.0, 20, 5)
        noted[place] = Sample(
            at_s=noted[place].at_s,
            processes={"API worker": worker},
            tables=noted[place].tables,
            folders={},
        )
    verdicts = judge(noted, calls(), warmup_s=600, bounds=BOUNDS)
    assert verdict(verdicts, "growth") is holds


def test_what_grows_in_the_warm_up_does_not_count() -> None:
    noted = samples()
    for place in range(10):
        noted[place].processes["API worker"] = Held(1, 10.0, 10.0, 1.0 + place, 20, 5)
    assert verdict(judge(noted, calls(), warmup_s=600, bounds=BOUNDS), "growth") is True


def test_leaks_rows_slowness_and_failures_are_told() -> None:
    leaking = samples()
    for place in range(100, 121):
        leaking[place].processes["API worker"] = Held(1, 150.0, 99.0, 80.0, 60, 5)
    assert verdict(judge(leaking, calls(), warmup_s=600, bounds=BOUNDS), "more handles") is False
    many = judge(samples(rows=1500), calls(), warmup_s=600, bounds=BOUNDS)
    assert verdict(many, "audit_entries") is False
    slow = judge(samples(), calls(0.13), warmup_s=600, bounds=BOUNDS)
    assert verdict(slow, "p99") is False
    failed = judge(samples(), [*calls(), Call("chat", 1.0, 1.0, 503)], warmup_s=600, bounds={})
    assert verdict(failed, "failed") is False


def test_too_little_is_no_verdict() -> None:
    verdicts = judge(samples()[:4], calls()[:10], warmup_s=0, bounds={})
    assert verdict(verdicts, "growth") is None
    assert verdict(verdicts, "p99") is None


def test_windows_are_an_hour_or_a_third() -> None:
    first, last = windows(calls(0.2), 0)
    assert (set(first), set(last)) == ({0.1}, {0.2})
    first, last = windows([call for call in calls() if call.at_s < 900], 300)
    assert len(first) == pytest.approx(len(last), abs=2)
    assert slope([(0, 1), (1, 3), (2, 5)]) == 2


def test_the_picture_is_a_file_of_curves() -> None:
    text = draw({"Memory <MB>": {"API worker": [(0.0, 1.0), (1.0, 2.0)]}, "Empty": {}})
    assert text.startswith("<svg")
    assert text.count("<polyline") == 1
    assert "Memory &lt;MB>" in text
