"""A rehearsed restore finds what reading a file whole does not."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from pisovereign.backup.encryption import Cost, EncryptedWriter
from pisovereign.backup.errors import BackupUnreadable
from pisovereign.backup.fingerprint import FingerprintTaker, TableFingerprint
from pisovereign.backup.format import (
    MASTER_KEY,
    End,
    FrameWriter,
    Manifest,
    Sequences,
    Step,
    StoredFile,
    write_record,
)
from pisovereign.backup.rehearse import rehearse
from pisovereign.backup.restore import verify
from pisovereign.storage.migrate import packaged_migrations
from pisovereign.storage.sealing import key_id
from tests.backup.conftest import PASSPHRASE, cli

SECRET = PASSPHRASE.encode()


@pytest.fixture
def scratch(place: Path) -> Path:
    return place.parent / "scratch"


def test_what_was_made_comes_back_and_nothing_is_left(backup: Path, scratch: Path) -> None:
    with backup.open("rb") as file:
        taker = FingerprintTaker()
        list(taker.watch(verify(file, SECRET).tables()))
        found = rehearse(file, SECRET, scratch, taker.tables)
    assert found.rows["sealing_keys"] == 1
    assert not scratch.exists()


def test_other_rows_than_were_there_are_found(backup: Path, scratch: Path) -> None:
    with backup.open("rb") as file:
        taker = FingerprintTaker()
        list(taker.watch(verify(file, SECRET).tables()))
        former = taker.tables["sealing_keys"]
        changed = msgspec.structs.replace(former, digest=f"{int(former.digest, 16) ^ 1:064x}")
        expected = {**taker.tables, "sealing_keys": changed, "gone": TableFingerprint(1, "00")}
        with pytest.raises(BackupUnreadable, match="backed up: gone, sealing_keys"):
            rehearse(file, SECRET, scratch, expected)
    assert not scratch.exists()


def test_a_whole_file_of_which_no_installation_can_be_made_is_found(scratch: Path) -> None:
    key = bytes(range(32))
    steps = [Step(step.version, step.name, step.sha256) for step in packaged_migrations()]
    file = io.BytesIO()
    sealed = EncryptedWriter(file, SECRET, Cost(passes=1, kib=8))
    writer = FrameWriter(sealed)
    for record in (
        Manifest(made_at=1.0, program="0.1.0", key_id=key_id(key), steps=steps),
        StoredFile(MASTER_KEY, key),
        Sequences({}),
        End(0),
    ):
        write_record(writer, record)
    writer.close()
    sealed.close()
    assert verify(file, SECRET).rows == {}
    with pytest.raises(BackupUnreadable, match="lacks tables"):
        rehearse(file, SECRET, scratch)
    assert not scratch.exists()


def test_the_command_line_rehearses(backup: Path, place: Path) -> None:
    done = cli(place, "restore", backup, "--rehearse")
    assert done.returncode == 0, done.stderr
    assert "a restore of it gives the same" in done.stdout
    assert not place.exists()
