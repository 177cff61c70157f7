"""Everything in one file, while the program runs, and all of it back in an empty folder."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import uuid
from pathlib import Path

import psycopg
import pytest

from pisovereign.backup.encryption import Cost, EncryptedWriter
from pisovereign.backup.format import FrameWriter, Manifest, Step, write_record
from pisovereign.cli.serve import complete_restore
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.migrate import packaged_migrations
from pisovereign.storage.sealing import key_id, load_key
from tests.approvals.conftest import Approvals, approvals
from tests.backup.conftest import CLI, PASSPHRASE, cli, environment
from tests.catalog.conftest import catalog
from tests.support import old_backup
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, BOB_KEY, Server, wait_until

__all__ = ["approvals", "catalog"]

OLD = Path(__file__).parent / "data" / "schema-0005.backup"


def remember(server: Server, content: str, key: str = ADMIN_KEY) -> str:
    body = {"content": content, "summary": content, "memory_type": "fact"}
    made = server.request("POST", "/v1/memories", key=key, json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_all_of_it_comes_back(
    server: Server, approvals: Approvals, models_dir: Path, place: Path
) -> None:
    name = f"backup-{uuid.uuid4()}"
    assert server.chat("Say one word.", conversation_id=name).status_code == 200
    memory = remember(server, f"The {uuid.uuid4()} is under the third stone")
    bobs = remember(server, f"Bob's {uuid.uuid4()} is in the shed", BOB_KEY)
    approvals.decide(approvals.ask("echo kept"), "approve")
    head = approvals.verify()["head"]
    stop, late = threading.Event(), list[str]()

    def go_on() -> None:
        while not stop.is_set():
            late.append(remember(server, f"Written meanwhile: {uuid.uuid4()}"))

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        file = place.parent / "live.backup"
        done = cli(server.data_dir, "backup", file, "--json")
    finally:
        stop.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"third stone" not in file.read_bytes()

    done = cli(place, "restore", file, "--json")
    assert done.returncode == 0, done.stderr
    assert sum(json.loads(done.stdout)["rows"].values()) == made["rows"]
    assert (place / "config.toml").read_text() == (server.data_dir / "config.toml").read_text()
    restored = Server(place, models_dir, config="", PISOVEREIGN_MEMORY__LEARN="false").start()
    try:
        conversation = f"/v1/conversations/{name}"
        before, after = (s.request("GET", conversation).json() for s in (server, restored))
        assert before == after
        for key, one in ((ADMIN_KEY, memory), (BOB_KEY, bobs)):
            path = f"/v1/memories/{one}"
            assert (
                restored.request("GET", path, key=key).json()["content"]
                == server.request("GET", path, key=key).json()["content"]
            )
        # What was stored meanwhile is there up to one moment, and not beyond it.
        there = [restored.request("GET", f"/v1/memories/{one}").status_code for one in late]
        assert there == sorted(there)
        audit = Approvals(restored)
        assert audit.verify(head=head)["intact"]
        # Numbers go on where they were.
        remember(restored, "Stored after the restore")
        assert restored.chat("And another one.", conversation_id=name).status_code == 200
        audit.decide(audit.ask("echo again"), "approve")
        assert audit.verify()["intact"]
    finally:
        restored.stop()


def test_yesterdays_backup_in_todays_program(models_dir: Path, place: Path) -> None:
    secret = str(old_backup.PASSPHRASE, "utf-8")
    done = cli(place, "restore", OLD, PISOVEREIGN_BACKUP_PASSPHRASE=secret)
    assert done.returncode == 0, done.stderr
    server = Server(place, models_dir, config="", PISOVEREIGN_MEMORY__LEARN="false").start()
    try:
        messages = server.request("GET", f"/v1/conversations/{old_backup.CONVERSATION}").json()
        assert messages["messages"][0]["content"] == old_backup.MESSAGE
        found = server.request("GET", "/v1/memories/search?q=spare+key").json()
        assert found[0]["content"] == old_backup.MEMORY
        with psycopg.connect(server.owner_dsn()) as connection:
            row = connection.execute("SELECT max(version) FROM schema_migrations").fetchone()
        assert row == (len(packaged_migrations()),)
    finally:
        server.stop()
    # It is an installation like any other: it can be backed up while it does not run.
    again = cli(place, "backup", place.parent / "again.backup")
    assert again.returncode == 0, again.stderr
    occupied = cli(place, "restore", place.parent / "again.backup")
    assert occupied.returncode == 1
    assert "there is an installation already" in occupied.stderr


def broken(whole: Path, kind: str) -> bytes:
    data = bytearray(whole.read_bytes())
    match kind:
        case "cut":
            del data[-1:]
        case "half":
            del data[len(data) // 2 :]
        case "header":
            data[40] ^= 1
        case "bit":
            data[len(data) // 2] ^= 1
        case "empty":
            data.clear()
    return bytes(data)


@pytest.mark.parametrize("kind", ["cut", "half", "header", "bit", "empty"])
def test_a_damaged_file_changes_nothing(backup: Path, place: Path, kind: str) -> None:
    file = place.parent / f"{kind}.backup"
    file.write_bytes(broken(backup, kind))
    done = cli(place, "restore", file)
    assert done.returncode == 6
    assert len(done.stderr.splitlines()) == 1
    assert not place.exists()


def test_a_wrong_passphrase_changes_nothing(backup: Path, place: Path) -> None:
    done = cli(place, "restore", backup, PISOVEREIGN_BACKUP_PASSPHRASE="correct horse batterie")
    assert (done.returncode, "passphrase is not the one" in done.stderr) == (6, True)
    nobody = cli(place, "restore", backup, "--passphrase-file", place.parent / "gone")
    assert (nobody.returncode, "No such file" in nobody.stderr) == (1, True)
    assert not place.exists()


def test_a_newer_schema_changes_nothing(place: Path) -> None:
    file = place.parent / "newer.backup"
    known = [Step(step.version, step.name, step.sha256) for step in packaged_migrations()]
    newer = [*known, Step(len(known) + 1, "tomorrow", "ab")]
    with file.open("wb") as opened:
        sealed = EncryptedWriter(opened, PASSPHRASE.encode(), Cost(1, 8))
        writer = FrameWriter(sealed)
        write_record(writer, Manifest(made_at=0, program="9.0.0", key_id="00" * 8, steps=newer))
        writer.close()
        sealed.close()
    done = cli(place, "restore", file)
    assert done.returncode == 6
    assert f"newer ({len(newer)}) than this program ({len(known)})" in done.stderr
    assert not place.exists()


def test_a_server_that_runs_is_not_restored_into(server: Server, backup: Path) -> None:
    before = sorted(server.data_dir.iterdir())
    done = cli(server.data_dir, "restore", backup, "--replace")
    assert (done.returncode, "already running" in done.stderr) == (1, True)
    assert sorted(server.data_dir.iterdir()) == before


def test_an_api_that_runs_alone_is_not_restored_under(
    server: Server, backup: Path, place: Path
) -> None:
    place.mkdir(mode=0o700)
    settings = {
        "PISOVEREIGN_DATA_DIR": str(place),
        "PISOVEREIGN_CONFIG": str(server.data_dir / "config.toml"),
        "PISOVEREIGN_MASTER_KEY_FILE": str(server.data_dir / "master.key"),
        "PISOVEREIGN_ENGINE__SOCKET": str(server.data_dir / "run" / "engine.sock"),
    }
    with ApiProcess(server, **settings):
        before = sorted(place.iterdir())
        done = cli(place, "restore", backup, "--replace")
        assert (done.returncode, "API is already running" in done.stderr) == (1, True)
        assert set(place.iterdir()) == {*before, place / "serve.lock"}


def test_a_place_that_is_not_there_changes_nothing(backup: Path, place: Path) -> None:
    away = {"PISOVEREIGN_MASTER_KEY_FILE": str(place / "away" / "master.key")}
    done = cli(place, "restore", backup, **away)
    assert (done.returncode, "nothing was changed" in done.stderr) == (1, True)
    assert {path.name for path in place.iterdir()} == {"api.lock", "serve.lock"}


def test_checking_changes_nothing(backup: Path, place: Path) -> None:
    done = cli(place, "restore", "--check", backup)
    assert (done.returncode, "whole; written" in done.stdout) == (0, True)
    assert not place.exists()


def test_a_folder_of_backups_keeps_the_newest(server: Server, place: Path) -> None:
    place.mkdir()
    (place / "other.txt").touch()
    names = []
    for _ in range(3):
        done = cli(server.data_dir, "backup", "--to", place, "--keep", "2", "--json")
        assert done.returncode == 0, done.stderr
        names.append(Path(json.loads(done.stdout)["file"]))
        named = int(time.time())  # names have seconds
        wait_until(lambda then=named: int(time.time()) > then, PATIENCE_S, "another second")
    assert sorted(place.iterdir()) == sorted([*names[1:], place / "other.txt"])
    away = cli(server.data_dir, "backup", "--to", place / "away")
    assert (away.returncode, "is the disk there?" in away.stderr) == (1, True)
    # The same from the configuration, as a timer has it.
    secret = place / "passphrase"
    secret.write_text(PASSPHRASE)
    configured = {
        "PISOVEREIGN_BACKUP__FOLDER": str(place),
        "PISOVEREIGN_BACKUP__KEEP": "1",
        "PISOVEREIGN_BACKUP__PASSPHRASE_FILE": str(secret),
    }
    done = cli(server.data_dir, "backup", **configured)
    assert done.returncode == 0, done.stderr
    assert len(list(place.glob("*.backup"))) == 1


def killed(data: Path, after_s: float, *arguments: object) -> int:
    """Run the command line and end it suddenly; returns how it ended."""
    process = subprocess.Popen(
        [*CLI, *map(str, arguments)],
        env=environment(data),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait(PATIENCE_S)


def key_of(data: Path) -> str:
    """The key of the installation in a folder, which its database must know."""
    complete_restore(data)
    assert not (data / "restore.new").exists()
    key = key_id(load_key(data / "master.key"))
    server = EmbeddedServer(data)
    server.start()
    try:
        with psycopg.connect(server.owner_dsn) as connection:
            rows = connection.execute("SELECT key_id FROM sealing_keys").fetchall()
    finally:
        server.stop()
    assert rows == [(key,)]
    return key


def test_a_sudden_end_leaves_the_old_or_the_new(server: Server, backup: Path, place: Path) -> None:
    secret = str(old_backup.PASSPHRASE, "utf-8")
    assert cli(place, "restore", OLD, PISOVEREIGN_BACKUP_PASSPHRASE=secret).returncode == 0
    old, new = key_of(place), key_id(load_key(server.data_dir / "master.key"))
    for after_s in (1.5, 3.0, 4.5, 60):
        ended = killed(place, after_s, "restore", "--replace", backup)
        assert key_of(place) == (old if ended and not list(place.glob("before-*")) else new)
        if not ended:
            break
    else:
        raise AssertionError("it never came to its end")
    assert not (place / "restore.new").exists()


def test_a_backup_that_ends_suddenly_leaves_no_file(server: Server, place: Path) -> None:
    place.mkdir()
    for after_s in (0.9, 1.2, 1.5):
        ended = killed(server.data_dir, after_s, "backup", place / "a.backup")
        if (place / "a.backup").exists():
            assert cli(place, "restore", "--check", place / "a.backup").returncode == 0
            (place / "a.backup").unlink()
        else:
            assert ended
    assert cli(server.data_dir, "backup", place / "a.backup").returncode == 0
    assert list(place.iterdir()) == [place / "a.backup"]
