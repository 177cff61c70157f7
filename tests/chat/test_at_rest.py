"""What is said is sealed in the database, and a damaged row is a clear error."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.server import ALICE, Server


def superuser(server: Server) -> psycopg.Connection[Any]:
    return psycopg.connect(server.database_dsn().replace("pisovereign_app", "postgres"))


def test_no_word_of_a_conversation_is_in_the_database_files(server: Server) -> None:
    word = uuid.uuid4().hex
    reply = server.chat(f"Remember the word {word}.", system_prompt=f"Secret rule {word}").json()
    with superuser(server) as connection:
        connection.autocommit = True
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    content = reply["content"].encode()
    found = []
    for path in Path(row[0]).rglob("*"):
        if path.is_file():
            with suppress(FileNotFoundError):  # PostgreSQL deletes and renews some at any moment
                data = path.read_bytes()
                if word.encode() in data or content in data:
                    found.append(path)
    assert not found


@pytest.mark.parametrize(
    "damage",
    [
        "content = set_byte(content, 40, get_byte(content, 40) # 1)",
        "content = ''",
        "id = gen_random_uuid()",
    ],
)
def test_a_tampered_row_is_an_error_and_not_garbage(server: Server, damage: str) -> None:
    name, intact, word = f"tampered-{uuid.uuid4()}", f"intact-{uuid.uuid4()}", uuid.uuid4().hex
    server.chat(f"The word is {word}", conversation_id=intact, max_tokens=1)
    server.chat("Do not change me", conversation_id=name)
    with superuser(server) as connection:
        connection.execute(
            f"UPDATE messages SET {damage} WHERE conversation_id = %s AND role = 'user'".encode(),
            (name,),
        )
    for response in (
        server.request("GET", f"/v1/conversations/{name}"),
        server.chat("Go on", conversation_id=name),
    ):
        assert response.status_code == 500
        error = response.json()["error"]
        assert error["code"] == "INTERNAL_ERROR"
        assert "stored text" in error["message"]
    assert server.chat("Another conversation").status_code == 200
    # It hides no other conversation, neither from the list nor from a search, and can be deleted.
    listed = {one["id"]: one for one in server.request("GET", "/v1/conversations").json()}
    assert "stored text" in listed[name]["error"]
    assert listed[name]["title"] == ""
    assert "error" not in listed[intact]
    found = server.request("POST", "/v1/messages/search", json={"query": word}).json()["found"]
    assert [one["conversation"]["id"] for one in found] == [intact]
    assert server.request("DELETE", f"/v1/conversations/{name}").status_code == 204


@pytest.fixture
def stopped(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    """A server that has stored something and was stopped."""
    running = Server(data_dir, models_dir).start()
    assert running.chat("Hello", conversation_id="kept").status_code == 200
    running.stop()
    yield running
    running.remove()


def test_a_lost_and_a_wrong_key_refuse_the_start(stopped: Server, tmp_path: Path) -> None:
    key = stopped.data_dir / "master.key"
    assert key.stat().st_mode & 0o777 == 0o600
    shutil.move(key, tmp_path / "saved")
    message = stopped.refused_start()
    assert str(key) in message
    assert "missing" in message
    assert not key.exists()  # no new key that could never open what is stored

    key.write_bytes(b"x" * 32)
    key.chmod(0o600)
    assert "is not the one this database was sealed with" in stopped.refused_start()

    shutil.copy(tmp_path / "saved", key)
    key.chmod(0o644)
    assert "chmod 600" in stopped.refused_start()
    key.chmod(0o600)
    stopped.start()
    kept = stopped.request("GET", "/v1/conversations/kept").json()
    assert kept["messages"][0]["content"] == "Hello"
    assert ALICE not in stopped.log()
