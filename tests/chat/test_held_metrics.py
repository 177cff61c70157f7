"""How much of an answer is held back, as the metrics tell."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from pisovereign.chat.metrics import BUCKETS, NAME, HeldMetrics
from tests.metrics.scrape import Series, series
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until


def buckets(found: Series) -> dict[str, float]:
    """How many tokens came with at most as many held."""
    return {
        dict(labels)["le"]: n for (name, labels), n in found.items() if name == f"{NAME}_bucket"
    }


def held(steps: Iterable[tuple[str, str]]) -> list[int]:
    """How many tokens were held with each: of what was written, and what was shown for it."""
    registry = CollectorRegistry()
    answer = HeldMetrics(registry).answer()
    numbers, before = [], 0.0
    for written, shown in steps:
        answer.take(written, shown)
        total = registry.get_sample_value(f"{NAME}_sum") or 0.0
        numbers.append(int(total - before))
        before = total
    return numbers


def test_what_is_shown_at_once_is_not_held() -> None:
    assert held([("Cats", "Cats"), (" purr", " purr"), (".", ".")]) == [0, 0, 0]


def test_tokens_are_held_until_they_are_shown() -> None:
    assert held([("I", ""), (" have", ""), (" two", "I have two"), (" cats", " cats")]) == [
        1,
        2,
        0,
        0,
    ]


def test_a_token_that_is_shown_in_part_is_held() -> None:
    assert held([("I said: I", "I said: "), (" have", ""), (" no", "I have"), (".", " no.")]) == [
        1,
        2,
        1,
        0,
    ]


def test_no_token_of_an_ordinary_answer_is_held(server: Server) -> None:
    before = buckets(series(server))
    answer = server.chat("Why do cats purr?", conversation_id=f"held-{uuid.uuid4()}").json()
    tokens = answer["tokens"]["completion"]
    wait_until(
        lambda: buckets(series(server))["+Inf"] - before["+Inf"] >= tokens - 2,
        PATIENCE_S,
        "each token to be counted",
    )
    after = buckets(series(server))
    assert set(after) == {*map(str, BUCKETS), "+Inf"}
    assert after["0"] - before["0"] == after["+Inf"] - before["+Inf"]
