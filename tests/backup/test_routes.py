"""Backups through the API: made, downloaded, verified, uploaded, and restored into what runs."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pisovereign.backup.restore_state import begin_state, complete, note, read_state
from tests.backup.conftest import PASSPHRASE, cli
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, remove_data, wait_until

FOLDER = "/v1/system/backups"
LIMIT_S = 120.0


def ask(server: Server, method: str, path: str = FOLDER, **kwargs: Any) -> requests.Response:
    return server.request(method, path, key=ADMIN_KEY, **kwargs)


def overview(server: Server) -> dict[str, Any]:
    body: dict[str, Any] = ask(server, "GET").json()
    return body


def worked(server: Server) -> dict[str, Any]:
    """Wait for the end of the work, and return its last state."""
    wait_until(lambda: overview(server)["work"]["status"] != "running", LIMIT_S, "the work")
    work: dict[str, Any] = overview(server)["work"]
    return work


def made(server: Server) -> str:
    begun = ask(server, "POST", json={"passphrase": PASSPHRASE})
    assert begun.status_code == 202, begun.text
    assert worked(server)["status"] == "done"
    return str(begun.json()["file"])


def restored(server: Server, before: str | None = None) -> dict[str, Any]:
    """Wait until a restore has come to its end, through the restart."""

    def ended() -> bool:
        state = read_state(server.data_dir)
        return state is not None and state.stage in ("done", "failed")

    wait_until(ended, LIMIT_S, "the restore")
    server.wait_ready()
    state: dict[str, Any] = overview(server)["restore"]
    return state


@pytest.fixture
def own(models_dir: Path) -> Iterator[Server]:
    """A server that may be restored into."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-restored-"))
    running = Server(folder, models_dir, PISOVEREIGN_MEMORY__LEARN="false").start()
    yield running
    running.remove()
    remove_data(folder)


def remember(server: Server, content: str) -> str:
    body = {"content": content, "summary": content, "memory_type": "fact"}
    answer = server.request("POST", "/v1/memories", key=ADMIN_KEY, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def is_there(server: Server, memory: str) -> bool:
    answer = server.request("GET", f"/v1/memories/{memory}", key=ADMIN_KEY)
    return answer.status_code == 200


def test_made_downloaded_verified_and_deleted(server: Server, tmp_path: Path) -> None:
    name = made(server)
    listed = next(file for file in overview(server)["files"] if file["name"] == name)
    whole = ask(server, "GET", f"{FOLDER}/{name}").content
    assert len(whole) == listed["size"]
    (tmp_path / "a.backup").write_bytes(whole)
    done = cli(tmp_path / "elsewhere", "restore", "--check", tmp_path / "a.backup")
    assert done.returncode == 0, done.stderr

    wrong = ask(server, "POST", f"{FOLDER}/{name}/verify", json={"passphrase": "another one"})
    assert wrong.status_code == 422
    assert wrong.json()["error"]["details"]["fields"][0]["field"] == "passphrase"
    right = ask(server, "POST", f"{FOLDER}/{name}/verify", json={"passphrase": PASSPHRASE})
    assert right.status_code == 202
    work = worked(server)
    assert work["contents"]["files"] == ["config.toml", "master.key"]
    assert work["contents"]["rows"]["sealing_keys"] == 1

    assert ask(server, "DELETE", f"{FOLDER}/{name}").status_code == 204
    assert ask(server, "GET", f"{FOLDER}/{name}").status_code == 404
    audit = ask(server, "GET", "/v1/audit").json()
    assert [entry["what"].split()[0] for entry in audit[:3]] == ["delete", "download", "make"]
    log = server.log()
    assert PASSPHRASE not in log
    assert "another one" not in log


def test_only_owners_have_backups(server: Server) -> None:
    for method, path in (("GET", FOLDER), ("POST", FOLDER), ("GET", f"{FOLDER}/a.backup")):
        assert server.request(method, path, key=ALICE_KEY, json={}).status_code == 403
        assert requests.request(method, server.url + path, timeout=PATIENCE_S).status_code == 401


@pytest.mark.parametrize(
    "name", ["..%2Fmaster.key", "%2e%2e%2Fapi-key", ".work.json", "a.backup%00", "master.key"]
)
def test_no_name_leads_out_of_the_folder(server: Server, name: str) -> None:
    assert ask(server, "GET", f"{FOLDER}/{name}").status_code in (400, 404)


def test_short_passphrases_are_refused(server: Server) -> None:
    short = ask(server, "POST", json={"passphrase": "too short"})
    assert short.status_code == 422
    assert "too short" not in short.text


def pieces(server: Server, name: str, data: bytes, step: int) -> requests.Response:
    answer = None
    for offset in range(0, len(data), step):
        query = f"/v1/system/backup-upload?name={name}&size={len(data)}&offset={offset}"
        answer = ask(server, "POST", query, data=data[offset : offset + step])
        if answer.status_code != 200:
            break
    assert answer is not None
    return answer


def test_a_backup_comes_back_in_pieces(server: Server) -> None:
    name = made(server)
    whole = ask(server, "GET", f"{FOLDER}/{name}").content
    copy = f"copy-{time.time_ns()}.backup"
    step = len(whole) // 3 + 1
    query = f"/v1/system/backup-upload?name={copy}&size={len(whole)}&offset="
    first = ask(server, "POST", f"{query}0", data=whole[:step]).json()
    assert first == {"held": step, "complete": False}
    # A piece in the wrong place changes nothing, and tells where the next one begins.
    astray = ask(server, "POST", f"{query}{step + 1}", data=whole[step:]).json()
    assert astray == {"held": step, "complete": False}
    last = ask(server, "POST", f"{query}{step}", data=whole[step:]).json()
    assert last == {"held": len(whole), "complete": True}
    assert ask(server, "GET", f"{FOLDER}/{copy}").content == whole
    assert pieces(server, copy, whole, step).status_code == 409
    for made_here in (name, copy):
        ask(server, "DELETE", f"{FOLDER}/{made_here}")


def test_what_is_no_backup_is_refused_at_once(server: Server) -> None:
    answer = pieces(server, "photo.backup", b"\xff\xd8" + bytes(1000), 400)
    assert answer.status_code == 422
    assert not [file for file in overview(server)["files"] if file["name"] == "photo.backup"]


def test_a_restore_ends_in_a_new_start_with_what_was_in_it(own: Server) -> None:
    kept = remember(own, "The spare key is under the third stone")
    name = made(own)
    lost = remember(own, "Written after the backup")
    process = own.process
    assert process is not None

    damaged = bytearray(ask(own, "GET", f"{FOLDER}/{name}").content)
    damaged[len(damaged) // 2] ^= 1
    assert pieces(own, "damaged.backup", bytes(damaged), 1 << 20).status_code == 200
    wish = {"passphrase": PASSPHRASE}
    begun = ask(own, "POST", f"{FOLDER}/damaged.backup/restore", json=wish)
    assert begun.status_code == 202, begun.text
    state = restored(own)
    assert state["stage"] == "failed"
    assert "damaged" in state["error"]
    assert is_there(own, lost)

    # Who prepared the one that failed may be about to end: until then that is a conflict.
    tried: list[dict[str, Any]] = []

    def begun_again() -> bool:
        answer = ask(own, "POST", f"{FOLDER}/{name}/restore", json=wish)
        tried.append(answer.json())
        return answer.status_code == 202

    wait_until(begun_again, LIMIT_S, "the end of the restore before")
    assert tried[-1]["stage"] == "checking"
    wait_until(lambda: read_state(own.data_dir).stage == "done", LIMIT_S, "it")  # type: ignore[union-attr]
    own.wait_ready()
    assert process.poll() is None  # who started it still has the same process
    state = overview(own)["restore"]
    assert (state["stage"], state["file"]) == ("done", name)
    assert (own.data_dir / state["kept"] / "master.key").exists()
    assert is_there(own, kept)
    assert not is_there(own, lost)
    assert PASSPHRASE not in own.log()


@pytest.mark.parametrize("moment", ["loading", "decided"])
def test_a_power_cut_leaves_the_old_or_the_new(own: Server, moment: str) -> None:
    remember(own, "The spare key is under the third stone")
    name = made(own)
    late = remember(own, "Written after the backup")
    begun = ask(own, "POST", f"{FOLDER}/{name}/restore", json={"passphrase": PASSPHRASE})
    assert begun.status_code == 202
    assert own.process is not None
    os.kill(own.process.pid, signal.SIGSTOP)  # it would start everything again at once
    folder = own.data_dir / ("restore.new" if moment == "loading" else "restore.ready")
    wait_until(folder.exists, LIMIT_S, "the moment")
    own.kill_everything()
    new = (own.data_dir / "restore.ready").exists()  # the other step may have been faster
    assert new or moment == "loading"
    own.start()
    state = overview(own)["restore"]
    assert state["stage"] == ("done" if new else "failed")
    assert is_there(own, late) is not new
    assert not (own.data_dir / "restore.new").exists()
    assert not (own.data_dir / "restore.ready").exists()


def test_a_restore_that_was_decided_is_told_as_done(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    begin_state(folder, "a.backup")
    complete(folder)
    state = read_state(folder)
    assert state is not None
    assert (state.stage, state.error) == ("failed", "it was interrupted; nothing was changed")
    begin_state(folder, "a.backup")
    note(folder, "starting")
    complete(folder)
    state = read_state(folder)
    assert state is not None
    assert state.stage == "done"
    complete(folder)
    assert read_state(folder) == state
