"""What is read from the counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from pisovereign.metrics.totals import Totals
from pisovereign.telemetry.http_metrics import BUCKETS_S, DURATION, HttpMetrics


def counted(*seconds: float, status: int = 200) -> Totals:
    registry = CollectorRegistry()
    metrics = HttpMetrics(registry)
    for value in seconds:
        metrics.observe(status, value)
    return Totals(list(registry.collect()))


def test_nothing_was_counted_yet() -> None:
    totals = counted()
    assert totals.quantile(DURATION, 0.5) == 0.0
    assert totals.mean(DURATION) == 0.0
    assert totals.sum("http_requests_total") == 0.0
    assert totals.value("no_such_series") == 0.0


def test_quantiles_lie_in_their_buckets() -> None:
    totals = counted(*[0.003] * 90, *[0.7] * 10)
    assert 0.002 <= totals.quantile(DURATION, 0.5) <= 0.005
    assert 0.5 <= totals.quantile(DURATION, 0.99) <= 1.0
    assert totals.mean(DURATION) == pytest.approx(0.0727)


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_no_further_off_than_its_bucket(values: list[float], share: float) -> None:
    exact = sorted(values)[max(0, -(-len(values) * share // 1).__trunc__() - 1)]
    found = counted(*values).quantile(DURATION, share)
    bounds = (0.0, *BUCKETS_S)
    low = max(bound for bound in bounds if bound <= min(found, BUCKETS_S[-1]))
    assert found <= BUCKETS_S[-1]
    assert exact >= low or found == low


def test_every_status_has_its_class() -> None:
    registry = CollectorRegistry()
    metrics = HttpMetrics(registry)
    for status in (200, 304, 404, 499, 500, 503):
        metrics.observe(status, 0.1)
    totals = Totals(list(registry.collect()))
    counts = [
        totals.value("http_requests_total", status=name)
        for name in ("success", "client_error", "server_error")
    ]
    assert counts == [2, 2, 2]
