"""Search through the running program, with the real embedding model."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.memory.support import remember, search
from tests.support.api_process import ApiProcess
from tests.support.server import Server, free_port


def test_meaning_is_found_without_a_common_word(memories: Server) -> None:
    remember(memories, "The user prefers dark mode")
    remember(memories, "The boiler was serviced in November")
    remember(memories, "Lives in Hamburg")
    assert search(memories, "How long ago was the heating maintained?")[0]["content"] == (
        "The boiler was serviced in November"
    )


@pytest.mark.parametrize(
    "query", ["Zahnarzt", "zahnarzttermine", "Termin beim ZAHNARZT", "Wann ist der Zahnarzttermin?"]
)
def test_german_words_and_compounds(memories: Server, query: str) -> None:
    wanted = remember(memories, "Der Zahnarzt erwartet Jonas am Dienstag")["id"]
    remember(memories, "Der Schornsteinfeger kommt am 4. Mai")
    remember(memories, "Die Waschmaschine darf nach 22 Uhr nicht laufen")
    assert search(memories, query)[0]["id"] == wanted


def test_each_row_shows_where_its_score_comes_from(memories: Server) -> None:
    remember(memories, "The cat is called Minka", importance=1.0)
    remember(memories, "The car is red")
    for row in search(memories, "What is the name of the cat?"):
        parts = row["score_parts"]
        assert parts.keys() == {"dense", "lexical", "importance", "recency"}
        assert parts["dense"] <= 1
        assert 0 <= parts["lexical"] <= 1
        fused = parts["dense"] + parts["lexical"]
        assert 0 <= fused <= 1 + 1e-9
        assert math.isclose(row["score"], fused * parts["importance"] * parts["recency"])
    best = search(memories, "The cat is called Minka")[0]
    assert best["similarity"] == pytest.approx(1, abs=0.01)
    assert best["score_parts"]["importance"] == pytest.approx(1.05)


def test_importance_decides_between_equals(memories: Server) -> None:
    low = remember(memories, "Project Alpha meets on Monday", importance=0.0)
    high = remember(memories, "Project Beta meets on Monday", importance=1.0)
    found = [m["id"] for m in search(memories, "project meets on Monday")]
    assert found == [high["id"], low["id"]]


def test_limit_threshold_and_type(memories: Server) -> None:
    for number in range(12):
        remember(memories, f"The room number {number} is free", memory_type="fact")
    remember(memories, "Bananas are yellow", memory_type="preference")
    assert len(search(memories, "free room")) == 10
    assert len(search(memories, "free room", limit=3)) == 3
    close = search(memories, "free room", threshold=0.4, limit=100)
    assert close
    assert all(row["similarity"] >= 0.4 for row in close)
    assert "Bananas are yellow" not in {row["content"] for row in close}
    typed = search(memories, "free room", memory_type="Preference")
    assert [row["content"] for row in typed] == ["Bananas are yellow"]


@pytest.mark.parametrize(
    ("query", "status", "fields"),
    [
        ({}, 422, ["q"]),
        ({"q": ""}, 422, ["q"]),
        ({"q": " "}, 422, ["q"]),
        ({"q": "x" * 10_001}, 422, ["q"]),
        ({"q": "x", "limit": 0, "threshold": 1.5}, 422, ["limit", "threshold"]),
        ({"q": "x", "limit": 101}, 422, ["limit"]),
        ({"q": "x", "memory_type": "rumor"}, 422, ["memory_type"]),
        ({"q": "x", "limit": "ten"}, 400, []),
        ({"q": "x", "threshold": "nan"}, 400, []),
        ({"q": "x", "threshold": "1e400"}, 422, ["threshold"]),
    ],
)
def test_bad_queries(
    memories: Server, query: dict[str, Any], status: int, fields: list[str]
) -> None:
    response = memories.request("GET", "/v1/memories/search", params=query)
    assert response.status_code == status
    named = response.json()["error"]["details"].get("fields", [])
    assert [row["field"] for row in named] == fields


@pytest.mark.parametrize("threshold", ["-0.12345678901234567", "1.5e-05", "-1", "1"])
def test_any_number_of_a_response_is_a_threshold(memories: Server, threshold: str) -> None:
    search(memories, "x", threshold=threshold)


def test_a_query_without_words_is_no_error(memories: Server) -> None:
    remember(memories, "The moon is full")
    for query in ("?!", "the", "🦔", "ich", "\0", "'"):
        assert len(search(memories, query)) == 1


def test_without_an_engine_words_still_find(memories: Server) -> None:
    """A memory that is stored meanwhile is kept, and read by the model later."""
    away = f"http://127.0.0.1:{free_port()}/v1"
    old = remember(memories, "The hedgehog lives behind the shed")
    with ApiProcess(memories, PISOVEREIGN_INFERENCE__BASE_URL=away) as api:
        url, memories.url = memories.url, api.url
        try:
            new = remember(memories, "The badger lives under the hill")
            found = search(memories, "badger and hedgehog")
        finally:
            memories.url = url
    assert {row["id"] for row in found} == {old["id"], new["id"]}
    for row in found:
        assert row["similarity"] is None
        assert row["score_parts"]["dense"] is None
        assert row["score_parts"]["lexical"] > 0
