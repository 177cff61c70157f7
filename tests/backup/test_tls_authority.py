"""The device's own authority: in a backup, so that phones trust the device that takes its place."""

from __future__ import annotations

from pathlib import Path

from pisovereign.backup.format import MASTER_KEY, TLS_AUTHORITY
from pisovereign.backup.make import _files
from pisovereign.backup.switch import places, staging_folder, switch
from pisovereign.tls.own_certificate import authority_file


def test_backup_holds_it(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_bytes(b"k" * 32)
    (tmp_path / "master.key").chmod(0o600)
    assert [each.name for each in _files(tmp_path)] == [MASTER_KEY]
    authority_file(tmp_path).write_bytes(b"authority")
    held = {each.name: each.data for each in _files(tmp_path)}
    assert held[TLS_AUTHORITY] == b"authority"


def test_restored_one_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    authority_file(tmp_path).write_text("old")
    (staging_folder(tmp_path) / TLS_AUTHORITY).write_text("restored")
    aside = switch(tmp_path, places(tmp_path, {}), [])
    assert authority_file(tmp_path).read_text() == "restored"
    assert aside is not None
    assert (aside / TLS_AUTHORITY).read_text() == "old"


def test_one_that_phones_trust_stays_where_the_backup_has_none(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    authority_file(tmp_path).write_text("old")
    (staging_folder(tmp_path) / MASTER_KEY).write_text("restored")
    switch(tmp_path, places(tmp_path, {}), [TLS_AUTHORITY])
    assert authority_file(tmp_path).read_text() == "old"
