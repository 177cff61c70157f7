"""First boot: every step can be killed at any moment, and the next boot goes on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from pisovereign.appliance.database import BACKUP_ROLE
from pisovereign.storage.migrate import packaged_migrations
from pisovereign.storage.sealing import KEY_SIZE
from tests.appliance.conftest import Database, refusal, run_step, step
from tests.support.patience import PATIENCE_S

# Of a step that takes one to three seconds: during imports, at the beginning, in the middle.
KILLS_S = (0.15, 0.5, 0.8, 1.1, 1.5)


def kill_after(pause_s: float, *arguments: str) -> None:
    process = step(*arguments)
    time.sleep(pause_s)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)


def test_killed_steps_go_on(home: Path, database: Database) -> None:
    cluster = ("cluster", f"--home={home}")
    for pause in KILLS_S:
        kill_after(pause, *cluster)
    run_step(*cluster)
    made = (home / "cluster" / "global" / "pg_control").stat().st_mtime_ns
    run_step(*cluster)
    assert (home / "cluster" / "global" / "pg_control").stat().st_mtime_ns == made
    assert not (home / "cluster.new").exists()

    database.start()
    schema = ("schema", f"--socket={database.socket}")
    for pause in KILLS_S:
        kill_after(pause, *schema)
    run_step(*schema)
    run_step(*schema)
    with psycopg.connect(database.dsn("postgres")) as connection:
        shown = connection.execute("SHOW data_checksums").fetchone()
        versions = connection.execute("SELECT version FROM schema_migrations ORDER BY 1").fetchall()
    assert shown == ("on",)
    assert versions == [(migration.version,) for migration in packaged_migrations()]
    # The assistant's own account is nobody else in the database.
    with psycopg.connect(database.dsn("pisovereign_app")) as connection:
        assert connection.execute("SELECT count(*) FROM memories").fetchone() == (0,)
    with psycopg.connect(database.dsn(BACKUP_ROLE), autocommit=True) as connection:
        connection.execute("SET row_security = off")
        assert connection.execute("SELECT count(*) FROM memories").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM memories")
    with pytest.raises(psycopg.OperationalError, match="reject"):
        psycopg.connect(database.dsn("pisovereign_app", "postgres"))


def test_the_key_is_made_once_and_only_before_the_database(tmp_path: Path) -> None:
    key, cluster = tmp_path / "master.key", tmp_path / "cluster"
    arguments = ("master-key", f"--file={key}", f"--cluster={cluster}")
    unfinished = tmp_path / ".master.key.0123456789abcdef"
    unfinished.write_bytes(b"half")
    run_step(*arguments)
    first = key.read_bytes()
    assert (len(first), key.stat().st_mode & 0o777) == (KEY_SIZE, 0o600)
    assert not unfinished.exists()
    cluster.mkdir()
    run_step(*arguments)
    assert key.read_bytes() == first
    key.unlink()
    assert "restore it from a backup" in refusal(*arguments)
    assert not key.exists()
