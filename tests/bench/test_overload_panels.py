"""The picture of an overload shows what was waited in each second, and what others did then."""

from __future__ import annotations

from bench.line_plot import draw
from bench.overload_panels import Span, panels


def test_waits_of_a_second_and_the_loads_of_that_time() -> None:
    ends = {"read": [(99.0, 9.0), (100.1, 0.010), (100.2, 0.030), (100.3, 0.020), (130.0, 0.005)]}
    spans = [Span("idle", 100.0, 110.0), Span("API x 3", 130.0, 160.0), Span("idle", 160.0, 190.0)]
    found = panels(ends, spans)
    minute = 1 / 60
    assert found == {
        "One person waits for a read, ms": {
            "longest": [(0.5 * minute, 30.0), (30.5 * minute, 5.0)],
            "median": [(0.5 * minute, 20.0), (30.5 * minute, 5.0)],
        },
        "Meanwhile": {
            "idle": [
                *((0.0, 0.0), (0.0, 1.0), (10 * minute, 1.0), (10 * minute, 0.0)),
                *((1.0, 0.0), (1.0, 1.0), (1.5, 1.0), (1.5, 0.0)),
            ],
            "API x 3": [(0.5, 0.0), (0.5, 1.0), (1.0, 1.0), (1.0, 0.0)],
        },
    }
    assert draw(found).count("<polyline") == 4
