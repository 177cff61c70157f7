"""The formula, the database's agreement with it, and that nothing is done twice."""

from __future__ import annotations

from typing import Any

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.decay import faded_importance
from tests.memory.support import remember
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, Server, wait_until

IMPORTANCE = st.floats(0, 1)
DAYS = st.integers(0, 5000)
USES = st.integers(0, 10_000)


@given(IMPORTANCE, DAYS, USES)
def test_importance_only_fades_and_never_leaves_its_range(
    base: float, days: int, uses: int
) -> None:
    faded = faded_importance(base, days, uses, 90)
    assert 0 <= faded <= base + 0.0005
    assert faded >= faded_importance(base, days + 1, uses, 90)
    assert faded <= faded_importance(base, days, uses + 1, 90)


def test_half_after_a_half_life() -> None:
    assert faded_importance(0.8, 0, 0, 90) == 0.8
    assert faded_importance(0.8, 90, 0, 90) == 0.4
    assert faded_importance(0.8, 180, 1, 90) == 0.4


def age(connection: psycopg.Connection[Any], memory: str, days: float, uses: int) -> None:
    connection.execute(
        "UPDATE memory_state SET used_at = now() - make_interval(secs => %s), access_count = %s"
        " WHERE memory_id = %s",
        (days * 86_400, uses, memory),
    )


def test_the_database_computes_the_same_and_once(memories: Server) -> None:
    cases = [(0.5, 0.5, 0), (0.8, 90.5, 0), (1.0, 400.2, 3), (0.3, 10.9, 20), (0.0, 50.1, 1)]
    cases.append((1.0, 100_000.5, 0))  # of a clock that was wrong by centuries
    made = {}
    with superuser(memories) as connection:
        for number, (base, days, uses) in enumerate(cases):
            memory = remember(memories, f"Thing {number} has color {number * 7}", importance=base)
            age(connection, memory["id"], days, uses)
            made[memory["id"]] = faded_importance(base, int(days), uses, 90)
    report = memories.request("POST", "/v1/memories/decay").json()
    assert report == {"decayed": 4, "deleted": 0, "total": 6}
    listed = memories.request("GET", "/v1/memories").json()
    assert {m["id"]: m["importance"] for m in listed} == made
    again = memories.request("POST", "/v1/memories/decay").json()
    assert again == {"decayed": 0, "deleted": 0, "total": 6}


def test_faded_memories_are_deleted_only_if_configured(memories: Server) -> None:
    old, new = remember(memories, "It rained in spring"), remember(memories, "It is dry")
    with superuser(memories) as connection:
        age(connection, old["id"], 300, 0)
    assert memories.request("POST", "/v1/memories/decay").json()["deleted"] == 0
    # The daily work begins with the process, and needs one connection only.
    settings = {
        "PISOVEREIGN_MEMORY__DELETE_BELOW": "0.1",
        "PISOVEREIGN_DATABASE__POOL_SIZE": "1",
    }
    with ApiProcess(memories, **settings):
        wait_until(
            lambda: (
                [m["id"] for m in memories.request("GET", "/v1/memories").json()] == [new["id"]]
            ),
            PATIENCE_S,
            "the deletion",
        )


def test_uses_are_counted_together_and_bring_importance_back(memories: Server) -> None:
    made = remember(memories, "The ladder is in the shed", importance=0.8)
    path = f"/v1/memories/{made['id']}"
    with superuser(memories) as connection:
        age(connection, made["id"], 90, 0)
        memories.request("POST", "/v1/memories/decay")
        # A list is no use of what is listed.
        assert memories.request("GET", "/v1/memories").json()[0]["importance"] == 0.4
        with ApiProcess(memories, PISOVEREIGN_MEMORY__ACCESS_FLUSH_S="1") as api:
            url, memories.url = memories.url, api.url
            for _ in range(3):
                memories.request("GET", path)
            memories.request("GET", "/v1/memories/search?q=ladder")
            memories.url = url
            wait_until(lambda: uses(connection, made["id"]) == 4, PATIENCE_S, "the counts")
    shown = memories.request("GET", path).json()
    assert (shown["access_count"], shown["importance"]) == (4, 0.8)


def test_uses_are_written_when_the_process_ends(memories: Server) -> None:
    made = remember(memories, "The rake is in the barn")
    with ApiProcess(memories) as api:
        url, memories.url = memories.url, api.url
        memories.request("GET", f"/v1/memories/{made['id']}")
        memories.url = url
    with superuser(memories) as connection:
        assert uses(connection, made["id"]) == 1


def uses(connection: psycopg.Connection[Any], memory: str) -> int:
    row = connection.execute(
        "SELECT access_count FROM memory_state WHERE memory_id = %s AND user_id = %s",
        (memory, ALICE),
    ).fetchone()
    assert row is not None
    return int(row[0])
