"""Several processes over one database see each other's changes at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.memory.support import Elsewhere, forget_all, remember, search
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.server import ALICE, Server


@pytest.fixture(scope="module")
def other(server: Server) -> Iterator[Elsewhere]:
    with ApiProcess(server) as api:
        yield Elsewhere(server, api.url)


@pytest.fixture(scope="module")
def bounded(server: Server) -> Iterator[Elsewhere]:
    """A process that may keep no index, so that the database ranks."""
    with ApiProcess(server, PISOVEREIGN_MEMORY__INDEX_BYTES="0") as api:
        yield Elsewhere(server, api.url)


def test_changes_are_seen_by_the_next_search(memories: Server, other: Elsewhere) -> None:
    remember(memories, "The pond has frogs")
    with other as elsewhere:
        assert [m["content"] for m in search(elsewhere, "pond")] == ["The pond has frogs"]
        made = remember(elsewhere, "The pond has newts")
    assert {m["content"] for m in search(memories, "pond")} == {
        "The pond has frogs",
        "The pond has newts",
    }
    path = f"/v1/memories/{made['id']}"
    memories.request("PATCH", path, json={"content": "The well is deep"})
    with other as elsewhere:
        assert search(elsewhere, "How deep is the well?")[0]["content"] == "The well is deep"
        assert elsewhere.request("DELETE", path).status_code == 204
    assert [m["content"] for m in search(memories, "well")] == ["The pond has frogs"]
    with other as elsewhere:
        forget_all(elsewhere)
    assert search(memories, "pond") == []


def test_the_database_ranks_as_the_index_does(memories: Server, bounded: Elsewhere) -> None:
    texts = [
        "Anna lives in Graz and likes tea",
        "Anna is allergic to peanuts",
        "Ben lives in Bremen",
        "The bike lock code is 4711",
        "Der Zahnarzttermin von Anna ist am Montag",
        "The user prefers dark mode, dark colors and dark chocolate " + "and tea " * 20,
        "Greta plays the cello",
    ]
    for text in texts:
        remember(memories, text, memory_type="fact")
    remember(memories, "Anna moved from Graz to Linz", memory_type="correction")
    queries: list[dict[str, Any]] = [
        {"q": "Where does Anna live?"},
        {"q": "Wann hat Anna einen Termin?"},
        {"q": "dark tea"},
        {"q": "music", "memory_type": "fact"},
        {"q": "the"},
        {"q": "code", "limit": 2},
        {"q": "Anna", "memory_type": "correction"},
    ]
    for query in queries:
        by_index = search(memories, **query)
        with bounded as elsewhere:
            by_database = search(elsewhere, **query)
        by_id = {row["id"]: row for row in by_index}
        assert by_id.keys() == {row["id"] for row in by_database}, query
        assert by_index[0]["id"] == by_database[0]["id"], query
        for ranked, two in zip(by_index, by_database, strict=True):
            one = by_id[two["id"]]
            assert one["score"] == pytest.approx(two["score"], abs=0.01)
            assert ranked["score"] == pytest.approx(two["score"], abs=0.01)
            # An index keeps 8 bits a dimension, so those that fit equally may change places.
            assert one["similarity"] == pytest.approx(two["similarity"], abs=0.005)


def test_duplicates_are_noticed_without_an_index(memories: Server, bounded: Elsewhere) -> None:
    first = remember(memories, "The user prefers dark mode")
    with bounded as elsewhere:
        assert remember(elsewhere, "The user prefers dark mode")["id"] == first["id"]


def test_a_threshold_leaves_no_memory_out(memories: Server, bounded: Elsewhere) -> None:
    """Also not those that are below many others, which have more words but too little meaning."""
    query = "Which zebra ticket number was issued?"
    for number in range(30):
        remember(memories, f"Zebra {number}, issued: carpet, violin, ticket of wood {number * 7}")
    for text in ("Where to buy a travel pass", "He bought a pass for the train", "A travel pass"):
        remember(memories, text)
    every = search(memories, query, limit=100)
    assert len(every) == 33
    similar = sorted(row["similarity"] for row in every)
    # Between two that differ most: the database's cosines are a little more exact.
    gaps = sorted(pairwise(similar), key=lambda pair: pair[0] - pair[1])[:4]
    for threshold in (*(sum(pair) / 2 for pair in gaps), -1.0):
        fits = [row["id"] for row in every if row["similarity"] >= threshold]
        for limit in (1, 3, 20, 100):
            asked: dict[str, Any] = {"limit": limit, "threshold": threshold}
            assert [row["id"] for row in search(memories, query, **asked)] == fits[:limit]
            with bounded as elsewhere:
                found = [row["id"] for row in search(elsewhere, query, **asked)]
            assert len(found) == len(fits[:limit])
            assert set(found) <= set(fits)


def test_changes_are_kept_for_longer_than_an_index_asks_for_them(memories: Server) -> None:
    """A reader that has seen a version reads the changes up to it while others write."""
    remember(memories, "The mill is old")
    with superuser(memories) as connection:
        next_sweep = connection.execute(
            "UPDATE memory_owners SET version = (version / 1000 + 3) * 1000 - 1 WHERE user_id = %s"
            " RETURNING version + 1",
            (ALICE,),
        ).fetchone()
        assert next_sweep is not None
        (version,) = next_sweep
        for change in (version - 2000, version - 1999, version - 1):
            connection.execute(
                "INSERT INTO memory_changes VALUES (%s, %s, %s)", (ALICE, change, uuid.uuid4())
            )
        remember(memories, "The mill has a new roof")
        left = connection.execute(
            "SELECT version FROM memory_changes WHERE user_id = %s AND version >= %s"
            " ORDER BY version",
            (ALICE, version - 2000),
        ).fetchall()
    assert left == [(version - 1999,), (version - 1,), (version,)]
