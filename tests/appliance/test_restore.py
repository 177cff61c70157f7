"""A backup onto an appliance: database, key and settings, each to the account it belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from pisovereign.storage.migrate import packaged_migrations
from pisovereign.storage.sealing import key_id, load_key
from tests.appliance.conftest import Database, refusal, run_step
from tests.support import old_backup

BACKUP = Path(__file__).parents[1] / "backup" / "data" / "schema-0005.backup"

OTHER = 65534  # an account that is not the one that runs the tests


@pytest.fixture
def appliance(data_dir: Path, models_dir: Path, database: Database) -> Path:
    """After set-up, with database and key of its own; `systemctl` writes down what it is told."""
    for name in ("api", "credentials"):
        (data_dir / name).mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(data_dir / "api", OTHER, OTHER)
    (data_dir / "models").symlink_to(models_dir)
    key = data_dir / "credentials" / "master.key"
    run_step("master-key", f"--file={key}", f"--cluster={database.cluster}")
    run_step("cluster", f"--home={database.home}")
    database.start()
    run_step("schema", f"--socket={database.socket}")
    (data_dir / "api" / "api-key").write_text("sk-of-this-machine")
    (data_dir / "systemctl").write_text(f'#!/bin/sh\necho "$1 $2" >> {data_dir}/told\n')
    (data_dir / "systemctl").chmod(0o700)
    (data_dir / "passphrase").write_bytes(old_backup.PASSPHRASE)
    return data_dir


def arguments(home: Path, database: Database) -> list[str]:
    return [
        "restore",
        str(BACKUP),
        f"--home={home}",
        f"--socket={database.socket}",
        f"--passphrase-file={home / 'passphrase'}",
        f"--systemctl={home / 'systemctl'}",
    ]


def test_everything_comes_to_its_place(appliance: Path, database: Database) -> None:
    api, credentials = appliance / "api", appliance / "credentials"
    before = (credentials / "master.key").read_bytes()
    run_step(*arguments(appliance, database))
    told = (appliance / "told").read_text().splitlines()
    assert told == [
        "stop pisovereign.socket",
        "start pisovereign-migrate.service",
        "start pisovereign.socket",
    ]
    key = credentials / "master.key"
    with psycopg.connect(database.dsn("postgres")) as connection:
        assert connection.execute("SELECT key_id FROM sealing_keys").fetchall() == [
            (key_id(load_key(key)),)
        ]
        row = connection.execute("SELECT max(version) FROM schema_migrations").fetchone()
    assert row == (len(packaged_migrations()),)
    for role in ("pisovereign_app", "pisovereign_backup"):
        with psycopg.connect(database.dsn(role)) as connection:
            connection.execute("SELECT count(*) FROM memories")
    assert (api / "setup-done").exists()
    for name in ("config.toml", "setup-done"):
        status, folder = (api / name).stat(), api.stat()
        assert (status.st_uid, status.st_gid) == (folder.st_uid, folder.st_gid)
        assert status.st_mode & 0o777 == 0o600
    # The keys of the backup are in its settings: the one that this machine made opens nothing now.
    assert not (api / "api-key").exists()
    (aside,) = credentials.glob("before-restore-*")
    assert (aside / "master.key").read_bytes() == before
    assert (aside / "api-key").read_text() == "sk-of-this-machine"
    # As after an end between database and keys.
    key.write_bytes(before)
    run_step(*arguments(appliance, database))
    assert key_id(load_key(key)) != key_id(before)


def test_what_cannot_be_used_stops_nothing(appliance: Path, database: Database) -> None:
    key = (appliance / "credentials" / "master.key").read_bytes()
    (appliance / "models").unlink()
    (appliance / "models").mkdir()
    assert "models that are not here" in refusal(*arguments(appliance, database))
    (appliance / "passphrase").write_text("not the passphrase of it")
    assert "passphrase" in refusal(*arguments(appliance, database))
    assert not (appliance / "told").exists()
    assert not (appliance / "api" / "setup-done").exists()
    assert (appliance / "credentials" / "master.key").read_bytes() == key
