"""What is remembered is sealed; damage is a clear error; what is forgotten is gone."""

from __future__ import annotations

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.memory.support import forget_all, remember, search
from tests.support.server import ALICE, Server

TABLES = (
    "memories",
    "memory_state",
    "memory_embeddings",
    "memory_terms",
    "memory_changes",
)


def superuser(server: Server) -> psycopg.Connection[Any]:
    dsn = server.database_dsn().replace("pisovereign_app", "postgres")
    return psycopg.connect(dsn, autocommit=True)


def files_with(server: Server, words: list[bytes]) -> list[str]:
    """The database's files that hold one of the words."""
    with superuser(server) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    files = [path for path in Path(row[0]).rglob("*") if path.is_file()]
    assert files
    found = []
    for path in files:
        data = path.read_bytes()
        found += [f"{path}: {word!r}" for word in words if word in data]
    return found


def dump(server: Server) -> bytes:
    """Everything that `pg_dump` writes."""
    with superuser(server) as connection:
        row = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
    assert row is not None
    place = conninfo_to_dict(server.database_dsn())
    argv = [f"{row[0]}/pg_dump", f"--host={place['host']}", "--username=postgres"]
    argv.append(str(place["dbname"]))
    return subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout


def test_no_word_of_a_memory_is_in_the_database(memories: Server) -> None:
    words = [uuid.uuid4().hex for _ in range(3)]
    made = remember(
        memories, f"The secret is {words[0]}", summary=f"About {words[1]}", tags=[words[2]]
    )
    plain = [word.encode() for word in words]
    assert files_with(memories, plain) == []
    dumped = dump(memories)
    assert made["id"].encode() in dumped
    assert not [word for word in plain if word in dumped]
    found = search(memories, words[0])
    assert found[0]["score_parts"]["lexical"] == 1.0


@pytest.mark.parametrize("way", ["delete", "forget"])
def test_nothing_stays_of_what_is_forgotten(memories: Server, way: str) -> None:
    word = uuid.uuid4().hex
    made = remember(memories, f"The secret is {word}", tags=[word])
    if way == "delete":
        memories.request("DELETE", f"/v1/memories/{made['id']}")
    else:
        forget_all(memories)
    assert files_with(memories, [word.encode()]) == []
    with superuser(memories) as connection:
        for table in TABLES[:-1]:
            row = connection.execute(
                f"SELECT count(*) FROM {table} WHERE user_id = %s".encode(), (ALICE,)
            ).fetchone()
            assert row == (0,), table
    dumped = dump(memories)
    assert word.encode() not in dumped
    if way == "forget":
        assert made["id"].encode() not in dumped


@pytest.mark.parametrize(
    "damage",
    [
        "content = set_byte(content, 40, get_byte(content, 40) # 1)",
        "summary = ''",
        "tags = content",
        "key_id = 'foreign'",
    ],
)
def test_a_damaged_memory_says_so_and_hides_no_other(memories: Server, damage: str) -> None:
    bad = remember(memories, "The red barn is old")
    good = remember(memories, "The green barn is new")
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
