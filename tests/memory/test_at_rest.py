"""What was changed or moved in the database is a clear error, and hides nothing else."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.memory.support import remember, search
from tests.support.server import BOB_KEY, Server


def superuser(server: Server) -> psycopg.Connection[Any]:
    dsn = server.database_dsn().replace("pisovereign_app", "postgres")
    return psycopg.connect(dsn, autocommit=True)


@pytest.mark.parametrize(
    "damage",
    [
        "content = set_byte(content, 40, get_byte(content, 40) # 1)",
        "summary = ''",
        "tags = content",
        "content = summary",
        "key_id = 'foreign'",
        # That of the other memory, one column or all.
        "content = (SELECT content FROM memories o WHERE o.id <> memories.id AND {own})",
        "(content, summary, tags) ="
        " (SELECT content, summary, tags FROM memories o WHERE o.id <> memories.id AND {own})",
        # That of another user's memory.
        "(content, summary, tags) ="
        " (SELECT content, summary, tags FROM memories o WHERE NOT {own})",
    ],
)
def test_a_damaged_memory_says_so_and_hides_no_other(memories: Server, damage: str) -> None:
    bad = remember(memories, "The red barn is old")
    good = remember(memories, "The green barn is new")
    remember(memories, "The barn of somebody else", key=BOB_KEY)
    damage = damage.format(own="o.user_id = memories.user_id")
    with superuser(memories) as connection:
        connection.execute("INSERT INTO sealing_keys VALUES ('foreign') ON CONFLICT DO NOTHING")
        try:
            connection.execute(f"UPDATE memories SET {damage} WHERE id = %s".encode(), (bad["id"],))
            check_damage(memories, bad["id"], good["id"])
        finally:
            connection.execute("DELETE FROM memories WHERE key_id = 'foreign'")
            connection.execute("DELETE FROM sealing_keys WHERE key_id = 'foreign'")


def check_damage(server: Server, bad: str, good: str) -> None:
    shown = server.request("GET", f"/v1/memories/{bad}")
    assert shown.status_code == 500
    assert "stored text" in shown.json()["error"]["message"]
    rows = {
        "list": server.request("GET", "/v1/memories").json(),
        "search": search(server, "barn"),
        "export": [
            json.loads(line)
            for line in server.request("GET", "/v1/memories/export").text.splitlines()
        ],
    }
    for where, listed in rows.items():
        by_id = {row["id"]: row for row in listed}
        assert by_id.keys() == {bad, good}, where
        assert by_id[good]["content"] == "The green barn is new"
        assert by_id[bad]["content"] == ""
        assert "stored text" in by_id[bad]["error"]
    changed = server.request("PATCH", f"/v1/memories/{bad}", json={"importance": 1.0})
    assert changed.status_code == 500
    repaired = {"content": "The red barn is old", "summary": "barn", "tags": []}
    assert server.request("PATCH", f"/v1/memories/{bad}", json=repaired).status_code == 200
    assert server.request("GET", f"/v1/memories/{bad}").status_code == 200


def test_a_damaged_memory_is_neither_merged_with_nor_kept_for_ever(memories: Server) -> None:
    bad = remember(memories, "The red barn is old")
    with superuser(memories) as connection:
        connection.execute("UPDATE memories SET content = '' WHERE id = %s", (bad["id"],))
    told_again = remember(memories, "The red barn is old")
    assert told_again["merged"] is False
    assert memories.request("DELETE", f"/v1/memories/{bad['id']}").status_code == 204
    listed = memories.request("GET", "/v1/memories").json()
    assert [memory["id"] for memory in listed] == [told_again["id"]]
