"""Both pages of counts, through the running program."""

from __future__ import annotations

import re
import subprocess

import requests

from tests.chat.test_stream import in_flight
from tests.metrics.scrape import page, report, requests_by_status, series
from tests.support.long_answers import LONG_STORY
from tests.support.patience import PATIENCE_S
from tests.support.programs import required_program
from tests.support.server import Server, wait_until

DOCUMENTED = (
    r"^# HELP app_uptime_seconds .+\n# TYPE app_uptime_seconds counter\napp_uptime_seconds \d+$",
    r"^# TYPE http_requests_total counter$",
    *(
        rf'^http_requests_total{{status="{status}"}} \d'
        for status in ("success", "client_error", "server_error")
    ),
    r"^# TYPE inference_time_ms histogram$",
    *(
        rf'^inference_time_ms_bucket{{le="{bound}"}} \d'
        for bound in ("100", "250", "500", "1000", r"\+Inf")
    ),
    r"^inference_time_ms_sum \d",
    r"^inference_time_ms_count \d",
)
# The names of these two are documented, so they stay.
ACCEPTED = {
    'app_uptime_seconds counter metrics should have "_total" suffix',
    "inference_time_ms metric names should not contain abbreviated units",
}


def test_the_documented_series_are_there(server: Server) -> None:
    text = page(server)
    for pattern in DOCUMENTED:
        assert re.search(pattern, text, re.MULTILINE), pattern


def test_promtool_finds_nothing_but_the_documented_names(server: Server) -> None:
    server.chat("Hello")
    promtool = required_program("promtool")
    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input=page(server),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert set(checked.stderr.splitlines()) <= ACCEPTED


def test_requests_are_counted_exactly(server: Server) -> None:
    before, told_before = series(server), report(server)
    for _ in range(5):
        server.request("GET", "/v1/conversations")
    for _ in range(3):
        server.request("GET", "/v1/nothing-here")
    requests.get(f"{server.url}/v1/conversations", timeout=PATIENCE_S)  # no key
    after, told = series(server), report(server)
    was, now = requests_by_status(before), requests_by_status(after)
    # A page counts itself after it was read: the two readings between are the others.
    assert now["success"] - was["success"] == 5 + 2
    assert now["client_error"] - was["client_error"] == 3 + 1
    assert now["server_error"] == was["server_error"]
    assert told["http"]["requests_success"] - told_before["http"]["requests_success"] == 5 + 2
    assert told["http"]["requests_client_error"] == now["client_error"]
    assert told["http"]["requests_total"] == sum(now.values()) + 1


def test_answers_and_their_tokens_are_counted_exactly(server: Server) -> None:
    before = report(server)["inference"]
    tokens = [
        server.chat(f"Tell me of a house with {n} windows.").json()["tokens"] for n in range(3)
    ]
    after = report(server)["inference"]
    assert after["requests_success"] - before["requests_success"] == 3
    assert after["requests_failed"] == before["requests_failed"]
    for kind in ("prompt", "completion", "cached", "total"):
        grown = after[f"tokens_{kind}"] - before[f"tokens_{kind}"]
        assert grown == sum(count[kind] for count in tokens)
    assert after["healthy"] is True
    assert after["time_avg_ms"] > 0


def test_an_answer_that_is_not_wanted_any_more_is_cancelled(server: Server) -> None:
    before = report(server)["inference"]
    body = {"message": LONG_STORY, "temperature": 0, "max_tokens": 900}
    stream = server.request("POST", "/v1/chat/stream", json=body, stream=True)
    # Whoever leaves before the model is asked has asked it nothing.
    wait_until(lambda: in_flight(server) > 0, PATIENCE_S, "the beginning of the answer")
    stream.close()
    wanted = before["requests_cancelled"] + 1
    wait_until(
        lambda: report(server)["inference"]["requests_cancelled"] == wanted,
        PATIENCE_S,
        "cancelling",
    )


def test_the_status_tells_the_same(server: Server) -> None:
    server.chat("Hello")
    status = server.request("GET", "/v1/system/status").json()
    told = report(server)
    statistics = status["statistics"]
    assert statistics["inference_requests"] == told["inference"]["requests_total"]
    assert told["http"]["requests_total"] - statistics["requests_total"] == 1
    share = told["inference"]["tokens_cached"] / told["inference"]["tokens_prompt"]
    assert abs(statistics["prompt_reuse_rate"] - share) < 0.0001
    assert statistics["cache_hit_rate"] == told["cache"]["hit_rate"]


def test_no_series_tells_who_or_what(server: Server) -> None:
    server.chat("A secret about Zanzibar")
    labels = {name for (_, pairs) in series(server) for name, _ in pairs}
    assert labels <= {"status", "kind", "le", "command", "state", "cache", "outcome"}
    assert "Zanzibar" not in page(server)


def test_the_engines_figures_are_there(server: Server) -> None:
    server.chat("Hello")
    found = series(server)
    assert found[("inference_healthy", ())] == 1
    assert found[("inference_slots", ())] >= 1
    assert found[("inference_decode_speed", ())] > 0
    assert found[("inference_cache_bytes", ())] >= 0
