"""Rehearse a restore: into a database server of its own, which is compared and thrown away.

Reading a file whole shows that it is what was written. That an installation can be made of it,
with every row that was there, only a restore shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pisovereign.backup.dump import snapshot
from pisovereign.backup.errors import BackupUnreadable
from pisovereign.backup.fingerprint import Fingerprints, FingerprintTaker, differences
from pisovereign.backup.format import Record
from pisovereign.backup.load import load
from pisovereign.backup.restore import Verified, verify
from pisovereign.backup.switch import discard_installation
from pisovereign.files import private_folder
from pisovereign.storage.embedded import EmbeddedServer


def rehearse(
    file: BinaryIO, passphrase: bytes, folder: Path, expected: Fingerprints | None = None
) -> Verified:
    """Restore a backup into a scratch place, and compare what is there with what it was made of.

    Args:
        file: The backup.
        passphrase: Its passphrase.
        folder: The scratch place, which is made, and removed at the end.
        expected: What the database held when the backup was made; None: nobody knows any more.

    Raises:
        BackupUnreadable: It cannot be restored, or not to what it was made of.
        StartError: The scratch place cannot be used.
    """
    verified = verify(file, passphrase)
    discard_installation(folder)
    server = EmbeddedServer(private_folder(folder))
    try:
        server.start()
        _compare(server.owner_dsn, verified, expected)
    finally:
        server.stop()
        discard_installation(folder)
    return verified


def _compare(dsn: str, verified: Verified, expected: Fingerprints | None) -> None:
    written = FingerprintTaker()
    load(dsn, verified.manifest, written.watch(verified.tables()), as_it_was=True)
    restored = FingerprintTaker()
    with snapshot(dsn) as found:
        if found.steps() != verified.manifest.steps:
            raise BackupUnreadable("a restore gives another schema than the one that was backed up")
        if verified.manifest.key_id not in found.key_ids():
            raise BackupUnreadable("the backup lacks the key of its database")
        _exhaust(restored.watch(found.records()))
    different = differences(written.tables, restored.tables)
    if expected is not None:
        different += differences(expected, restored.tables)
    if different or written.sequences != restored.sequences:
        names = ", ".join(sorted(set(different))) or "the sequences"
        raise BackupUnreadable(f"a restore does not give what was backed up: {names}")


def _exhaust(records: Iterator[Record]) -> None:
    for _ in records:
        pass
