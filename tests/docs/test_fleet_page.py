"""Several boards of docs/fleet.md: two data folders, one database, one sealing key."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest

from tests.support.api_process import ApiProcess
from tests.support.server import ALICE_KEY, Server
from tools.test_run import program_memory


def other_board(server: Server, folder: Path) -> ApiProcess:
    return ApiProcess(
        server,
        PISOVEREIGN_DATA_DIR=str(folder),
        PISOVEREIGN_CONFIG=str(server.data_dir / "config.toml"),
        PISOVEREIGN_MASTER_KEY_FILE=str(folder / "master.key"),
        PISOVEREIGN_ENGINE__SOCKET=str(server.data_dir / "run" / "engine.sock"),
    )


def test_another_board_with_the_same_key_finds_what_was_stored_at_once(
    server: Server, tmp_path: Path
) -> None:
    shutil.copy2(server.data_dir / "master.key", tmp_path / "master.key")
    word = f"bittern{uuid.uuid4().hex[:6]}"
    with other_board(server, tmp_path) as other:
        for here, there in ((server, other), (other, server)):
            made = here.request(
                "POST", "/v1/lists", key=ALICE_KEY, json={"name": f"{word} {id(here)}"}
            )
            assert made.status_code == 201, made.text
            found = there.request("GET", f"/v1/lists/{made.json()['id']}", key=ALICE_KEY)
            assert found.json()["name"] == f"{word} {id(here)}"
            here.request("DELETE", f"/v1/lists/{made.json()['id']}", key=ALICE_KEY)


def test_a_board_with_another_key_is_refused(server: Server, tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    board = other_board(server, tmp_path)
    with pytest.raises(AssertionError), board:
        pytest.fail("it started")
    assert "key" in board.log_path.read_text()
    assert not program_memory(tmp_path).exists(), "a refused start leaves nothing"
