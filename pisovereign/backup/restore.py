"""Verify a backup completely, and put it into the place of an installation in one step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pisovereign.backup.encryption import EncryptedFile
from pisovereign.backup.errors import BackupUnreadable
from pisovereign.backup.format import (
    CONFIG,
    MASTER_KEY,
    OWNER_KEY,
    TLS_AUTHORITY,
    Manifest,
    Record,
    StoredFile,
    Table,
    TableEnd,
    read_frames,
    read_records,
)
from pisovereign.backup.load import known_migrations, load
from pisovereign.backup.restore_state import complete, forget_state
from pisovereign.backup.switch import (
    check_writable,
    decide,
    discard,
    occupied,
    places,
    staging_folder,
    switch,
)
from pisovereign.config import Config
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError
from pisovereign.files import create_private, private_folder
from pisovereign.process.instance_lock import nobody_else
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.sealing import KEY_SIZE, key_id

_FILE_NAMES = {CONFIG, MASTER_KEY, OWNER_KEY, TLS_AUTHORITY}


class Verified(NamedTuple):
    """A backup that is complete, and that this program understands."""

    sealed: EncryptedFile
    manifest: Manifest
    files: dict[str, bytes]
    rows: dict[str, int]

    def tables(self) -> Iterator[Record]:
        """Yield what follows the files; the file is read and verified again."""
        return (p for p in _records(self.sealed) if not isinstance(p, Manifest | StoredFile))


def verify(file: BinaryIO, passphrase: bytes) -> Verified:
    """Read a backup completely, in bounded memory.

    Raises:
        BackupUnreadable: It is damaged, truncated, too new, or has another passphrase.
    """
    sealed = EncryptedFile(file, passphrase)
    manifest: Manifest | None = None
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    table = ""
    for part in _records(sealed):
        match part:
            case Manifest():
                known_migrations(part)  # report a newer database at once
                manifest = part
            case StoredFile():
                files[part.name] = part.data
            case Table():
                table = part.name
            case TableEnd():
                rows[table] = part.rows
    if manifest is None or not files.keys() <= _FILE_NAMES:
        raise BackupUnreadable("the backup holds what this program does not know")
    key = files.get(MASTER_KEY, b"")
    if len(key) != KEY_SIZE or key_id(key) != manifest.key_id:
        raise BackupUnreadable("the backup lacks the key of its database")
    return Verified(sealed, manifest, files, rows)


def _records(sealed: EncryptedFile) -> Iterator[Record]:
    return read_records(read_frames(sealed.chunks()))


class Restored(NamedTuple):
    """The outcome of a restore: what was restored, and the folder with what was there before."""

    verified: Verified
    aside: Path | None


def restore(
    file: BinaryIO,
    passphrase: bytes,
    data_dir: Path,
    *,
    replace: bool = False,
    with_config: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> Restored:
    """Restore an installation from a backup.

    Args:
        file: The backup.
        passphrase: Its passphrase.
        data_dir: The data folder of the installation.
        replace: Move an existing installation aside.
        with_config: Restore the configuration too; otherwise the existing one stays.
        environ: Settings and places.

    Raises:
        BackupUnreadable: The file cannot be used; nothing was changed.
        StartError: The data folder cannot be used; nothing was changed.
    """
    verified = verify(file, passphrase)
    leave = [] if with_config else [CONFIG]
    if TLS_AUTHORITY not in verified.files:  # phones trust the one that is there
        leave.append(TLS_AUTHORITY)
    where = places(data_dir, environ)
    complete(data_dir)
    with nobody_else(private_folder(data_dir)):
        there = occupied(where, leave)
        if there and not replace:
            names = ", ".join(map(str, there))
            raise StartError(
                f"there is an installation already ({names}); with --replace it is moved aside"
            )
        check_writable(where, leave, data_dir)
        try:
            folder = staging_folder(data_dir)
            _fill(folder, verified, environ, with_config=with_config, replace=replace)
            forget_state(data_dir)
            return Restored(verified, switch(data_dir, where, leave))
        finally:
            discard(data_dir)


def prepare(
    file: BinaryIO,
    passphrase: bytes,
    data_dir: Path,
    *,
    with_config: bool,
    report: Callable[[Verified], None],
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Make the installation in a backup beside one that runs; the next start switches to it.

    Args:
        file: The backup.
        passphrase: Its passphrase.
        data_dir: The data folder of the installation.
        with_config: Restore the configuration too; otherwise the existing one stays.
        report: Is called when the file was verified.
        environ: Settings and places.

    Raises:
        BackupUnreadable: The file cannot be used; nothing was changed.
        StartError: The data folder cannot be used, or the database is somebody else's; nothing was
            changed.
    """
    verified = verify(file, passphrase)
    report(verified)
    leave = [] if with_config else [CONFIG]
    where = places(data_dir, environ)
    check_writable(where, leave, data_dir)
    try:
        folder = staging_folder(data_dir)
        _place_files(folder, verified, with_config=with_config)
        if _database(_config(folder, environ, with_config=with_config)):
            raise StartError(
                "the configuration names a database of its own, which cannot be restored while it"
                " is used; end PiSovereign and run: pisovereign-cli restore"
            )
        _fill_embedded(folder, verified)
        decide(data_dir, where, leave)
    finally:
        discard(data_dir)


def _fill(
    folder: Path,
    verified: Verified,
    environ: Mapping[str, str],
    *,
    with_config: bool,
    replace: bool,
) -> None:
    _place_files(folder, verified, with_config=with_config)
    if own := _database(_config(folder, environ, with_config=with_config)):
        load(own, verified.manifest, verified.tables(), replace=replace)
    else:
        _fill_embedded(folder, verified)


def _place_files(folder: Path, verified: Verified, *, with_config: bool) -> None:
    for name, data in verified.files.items():
        if name != CONFIG or with_config:
            create_private(folder / name, data)


def _database(config: Config) -> str:
    """Return the address of a database that is not ours; empty: it is the embedded one."""
    return config.database.owner_url or config.database.url


def _fill_embedded(folder: Path, verified: Verified) -> None:
    server = EmbeddedServer(folder)
    server.start()
    try:
        load(server.owner_dsn, verified.manifest, verified.tables())
    finally:
        server.stop()


def _config(folder: Path, environ: Mapping[str, str], *, with_config: bool) -> Config:
    """Return the configuration that the restored installation will have."""
    if not with_config:
        return load_config(environ)
    places = {k: v for k, v in environ.items() if k != "PISOVEREIGN_CONFIG"}
    try:
        return load_config(places | {"PISOVEREIGN_DATA_DIR": str(folder)})
    except StartError as error:
        raise StartError(
            f"the configuration in the backup is not understood; --without-config restores all"
            f" else\n{error}"
        ) from None
