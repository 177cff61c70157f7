"""No word of a memory is ever in the database or a log, and nothing of it stays when it is gone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from pisovereign.search_index.terms import Stemmer
from tests.cli.test_commands import run
from tests.memory.support import forget_all, remember, search
from tests.memory.test_at_rest import superuser
from tests.support.server import ALICE, ALICE_KEY, Server

# Made up, so that they are nowhere else; in forms that have other stems, English and German.
CONTENT, SUMMARY, TAG = "Quaxelpuddinge", "zworbelnden", "jyxfutzwexes"
LATER = "Wumplexigkeiten"
TABLES = ("memories", "memory_state", "memory_embeddings", "memory_terms")


def forms(words: Sequence[str]) -> Iterator[bytes]:
    """The words, their stems and ends, as they are and as pg_dump prints binary values."""
    stemmer = Stemmer()
    for word in words:
        for part in {word.lower(), *stemmer.parts(word)}:
            yield part.encode()
            yield part.encode().hex().encode()
            yield part.capitalize().encode().hex().encode()


def database_files(server: Server) -> list[Path]:
    with superuser(server) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return [path for path in Path(row[0]).rglob("*") if path.is_file()]


def contents(files: list[Path]) -> dict[str, bytes]:
    """What stands in files by their names; PostgreSQL deletes and renews some at any moment."""
    found: dict[str, bytes] = {}
    for path in files:
        with suppress(FileNotFoundError):
            found[str(path)] = path.read_bytes()
    return found


def other_files(server: Server) -> list[Path]:
    """The logs, and everything else in the data folder."""
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    assert server.log_path in files
    return files


def dump(server: Server) -> bytes:
    """Everything that `pg_dump` writes."""
    with superuser(server) as connection:
        row = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
    assert row is not None
    place = conninfo_to_dict(server.database_dsn())
    argv = [f"{row[0]}/pg_dump", f"--host={place['host']}", "--username=postgres"]
    argv.append(str(place["dbname"]))
    return subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout


def traces(server: Server, words: Sequence[str] = (CONTENT, SUMMARY, TAG, LATER)) -> list[str]:
    """Where a form of one of the words can be read."""
    wanted = list(forms(words))
    places = contents(database_files(server))
    assert any("pg_wal" in name for name in places)
    places |= contents(other_files(server))
    places["pg_dump"] = dump(server)
    return [
        f"{name}: {form!r}"
        for name, data in places.items()
        for form in wanted
        if form in data.lower()
    ]


def tell(server: Server) -> str:
    """A memory with all of the words but the later one; returns its id."""
    content = f"The secret is {CONTENT}"
    made = remember(server, content, summary=f"About {SUMMARY}", tags=[TAG])
    return str(made["id"])


def use(server: Server, memory: str) -> None:
    """Everything that reads a memory, and requests that fail with its words in them."""
    path = f"/v1/memories/{memory}"
    assert CONTENT in server.request("GET", path).text
    assert search(server, CONTENT)[0]["id"] == memory
    exported = run("memories", "export", PISOVEREIGN_URL=server.url, PISOVEREIGN_API_KEY=ALICE_KEY)
    assert all(word in exported.stdout for word in (CONTENT, SUMMARY, TAG))
    wrong = {"content": CONTENT, "summary": "", SUMMARY: TAG}
    assert server.request("POST", "/v1/memories", json=wrong).status_code == 422
    assert server.request("PATCH", path, json={"content": [CONTENT]}).status_code == 422
    assert server.request("POST", "/v1/memories", data=f"{{{CONTENT}").status_code == 400
    assert server.request("GET", f"/v1/memories/search?q={CONTENT}&limit={SUMMARY}").status_code
    with superuser(server) as connection:
        connection.execute("UPDATE memories SET summary = '' WHERE id = %s", (memory,))
    assert server.request("GET", path).status_code == 500
    repaired = {"content": f"The secret is {CONTENT}", "summary": SUMMARY, "tags": [TAG]}
    assert server.request("PATCH", path, json=repaired).status_code == 200


def edit(server: Server, memory: str) -> None:
    change = {"content": f"Now it is {LATER}", "summary": LATER, "tags": []}
    assert server.request("PATCH", f"/v1/memories/{memory}", json=change).status_code == 200
    found = search(server, f"{CONTENT} {SUMMARY} {TAG}")
    assert [(row["content"], row["score_parts"]["lexical"]) for row in found] == [
        (change["content"], 0.0)
    ]


def delete(server: Server, memory: str) -> None:
    assert server.request("DELETE", f"/v1/memories/{memory}").status_code == 204


def forget(server: Server, memory: str) -> None:
    assert forget_all(server).json() == {"deleted": 1}
    with superuser(server) as connection:
        row = connection.execute(
            "SELECT count(*) FROM memory_changes WHERE user_id = %s", (ALICE,)
        ).fetchone()
    assert row == (0,)
    assert memory.encode() not in dump(server)


def rows_of(server: Server, memory: str) -> int:
    total = 0
    with superuser(server) as connection:
        for table in TABLES:
            column = "id" if table == "memories" else "memory_id"
            row = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = %s".encode(), (memory,)
            ).fetchone()
            assert row is not None
            total += row[0]
    return total


def test_no_word_of_a_memory_can_be_read(memories: Server) -> None:
    memory = tell(memories)
    use(memories, memory)
    edit(memories, memory)
    # A row in each table, and a vector of each of two models.
    assert rows_of(memories, memory) == len(TABLES) + 1
    assert traces(memories) == []


@pytest.mark.parametrize("way", [delete, forget])
def test_nothing_stays_of_what_is_forgotten(
    memories: Server, way: Callable[[Server, str], None]
) -> None:
    memory = tell(memories)
    assert search(memories, CONTENT)
    way(memories, memory)
    assert rows_of(memories, memory) == 0
    assert search(memories, CONTENT) == []
    assert traces(memories) == []


def test_the_look_for_traces_finds_what_is_there(memories: Server) -> None:
    """Plain words in a binary column are seen: in the files as they are, in the dump as hex."""
    memory, plain = tell(memories), "Plaxomundwirbel"
    with superuser(memories) as connection:
        connection.execute("UPDATE memories SET tags = %s WHERE id = %s", (plain.encode(), memory))
    found = traces(memories, [plain])
    assert any(place.startswith("pg_dump") for place in found)
    assert any("/base/" in place for place in found)
