"""What everybody may read of the counts tells nothing about anybody."""

from __future__ import annotations

import requests
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.parser import text_string_to_metric_families

from pisovereign.metrics.coarse import CoarseCounts, one_digit
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server

# As Prometheus 2.53 sends it.
SCRAPER = (
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def told(coarse: CoarseCounts, value: int) -> float:
    registry = CollectorRegistry()
    counter = Counter("inference_tokens", "Tokens", ["kind"], registry=registry)
    counter.labels(kind="prompt").inc(value)
    (metric,) = coarse.public(registry.collect())
    (sample,) = metric.samples
    return sample.value


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10_000_000), st.integers(0, 500_000))
def test_counts_only_grow_and_are_near(secret: bytes, value: int, more: int) -> None:
    coarse = CoarseCounts(secret, 1.0)
    before, after = told(coarse, value), told(coarse, value + more)
    assert before <= after
    assert abs(before - value) <= 100_000
    assert before % 100_000 == 0


def test_where_a_count_is_rounded_up_is_a_secret() -> None:
    def place(secret: bytes) -> int:
        low, high = 0, 100_000
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if told(CoarseCounts(secret, 1.0), middle) else (middle, high)
        return high

    assert len({place(bytes([n]) * 32) for n in range(8)}) == 8


def test_buckets_of_a_histogram_stay_in_order() -> None:
    registry = CollectorRegistry()
    times = Histogram("inference_time_ms", "Times", buckets=(1, 2, 3, 4), registry=registry)
    for n in range(1000):
        times.observe(n % 5)
    (metric,) = CoarseCounts(b"k" * 32, 1.0).public(registry.collect())
    buckets = [sample.value for sample in metric.samples if sample.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert max(buckets) in (900, 1000, 1100)


def test_one_digit() -> None:
    assert [one_digit(x) for x in (0.0, 0.26, 125.1, 960.0)] == [0.0, 0.3, 100.0, 1000.0]


def test_nobody_reads_what_another_has_asked_for(server: Server) -> None:
    def seen(key: str | None) -> tuple[object, object]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        inference, text = (
            requests.get(server.url + path, headers=headers, timeout=PATIENCE_S)
            for path in ("/metrics", "/metrics/prometheus")
        )
        counts = {
            (sample.name, tuple(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text.text)
            for sample in family.samples
            if sample.name.startswith("inference_tokens")
        }
        fields = inference.json()["inference"]
        return {k: v for k, v in fields.items() if k.startswith("tokens")}, counts

    for key in (None, BOB_KEY, ALICE_KEY):
        # A count may come to its next step just now, and then not again for long.
        changes = 0
        for n in range(3):
            before = seen(key)
            server.chat(f"Tell me of {n} houses.", key=ALICE_KEY)
            changes += seen(key) != before
        assert changes <= 1
    before = seen(ADMIN_KEY)
    spent = server.chat("Tell me of a ship.", key=ALICE_KEY).json()["tokens"]["total"]
    now = seen(ADMIN_KEY)
    assert isinstance(before[0], dict)
    assert isinstance(now[0], dict)
    assert now[0]["tokens_total"] - before[0]["tokens_total"] == spent


def test_a_wrong_key_is_like_none(server: Server) -> None:
    wrong = {"Authorization": "Bearer sk-nobodys-0123456789abcdef"}
    for headers in ({}, wrong):
        body = requests.get(f"{server.url}/metrics", headers=headers, timeout=PATIENCE_S).json()
        assert body["inference"]["healthy"] is True
        assert "cache" not in body


def test_a_scraper_gets_its_own_format(server: Server) -> None:
    def asked(accept: str) -> str:
        answer = requests.get(
            f"{server.url}/metrics", headers={"Accept": accept}, timeout=PATIENCE_S
        )
        assert answer.status_code == 200
        return answer.headers["Content-Type"]

    assert asked(SCRAPER).startswith("text/plain; version=0.0.4")
    assert asked("text/plain").startswith("text/plain")
    for accept in ("*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8"):
        assert asked(accept).startswith("application/json")


def test_what_browsers_and_generators_ask_for_is_there(server: Server) -> None:
    docs = requests.get(f"{server.url}/docs", timeout=PATIENCE_S)
    assert (docs.status_code, docs.url) == (200, f"{server.url}/swagger-ui")
    described = requests.get(f"{server.url}/openapi.json", timeout=PATIENCE_S).json()
    assert described["openapi"].startswith("3.1")
    assert requests.get(f"{server.url}/favicon.ico", timeout=PATIENCE_S).status_code == 204
