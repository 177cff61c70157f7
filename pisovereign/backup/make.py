"""Back up an installation to a file, whether it runs or not, and keep the newest files."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pisovereign import __version__
from pisovereign.api_keys import owner_key_file
from pisovereign.backup.dump import Snapshot, snapshot
from pisovereign.backup.encryption import EncryptedWriter
from pisovereign.backup.fingerprint import Fingerprints, FingerprintTaker
from pisovereign.backup.format import (
    CONFIG,
    MASTER_KEY,
    OWNER_KEY,
    TLS_AUTHORITY,
    End,
    FrameWriter,
    Manifest,
    StoredFile,
    TableEnd,
    write_record,
)
from pisovereign.backup.switch import is_pending
from pisovereign.config import Config, DatabaseConfig
from pisovereign.config.loading import config_file, settings
from pisovereign.errors import StartError
from pisovereign.files import sync
from pisovereign.process.instance_lock import only_instance
from pisovereign.runtime import master_key_file
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.server import running_server
from pisovereign.storage.sealing import key_id, load_key
from pisovereign.tls.own_certificate import authority_file

_LARGEST_FILE = 512 * 1024


class BackupSummary(NamedTuple):
    """The contents of a backup that was written: counts of tables and rows, and fingerprints."""

    tables: int
    rows: int
    fingerprints: Fingerprints


def installation_key_id(data_dir: Path) -> str:
    """Return the id of the key that the text of an installation is sealed with.

    Raises:
        StartError: There is no installation, or its key is unusable.
    """
    path = master_key_file(data_dir)
    try:
        return key_id(load_key(path))
    except FileNotFoundError:
        raise StartError(f"{data_dir} holds no installation: {path} is missing") from None
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None


@contextmanager
def owner_dsn(database: DatabaseConfig, data_dir: Path) -> Iterator[str]:
    """Yield the DSN of the database; start the embedded server if it does not run.

    Raises:
        StartError: The database cannot be reached.
    """
    if own := database.owner_url or database.url:
        yield own
    elif dsn := running_server(data_dir):
        yield dsn
    else:
        with only_instance(data_dir):
            server = EmbeddedServer(data_dir)
            server.start()
            try:
                yield server.owner_dsn
            finally:
                server.stop()


def write_backup(
    file: BinaryIO, passphrase: bytes, config: Config, data_dir: Path
) -> BackupSummary:
    """Write everything that an installation stores.

    Raises:
        StartError: Something cannot be read, or the key does not fit the database.
    """
    if is_pending(data_dir):
        raise StartError("a restore was interrupted; start PiSovereign once, which completes it")
    files = list(_files(data_dir))
    key = key_id(next(each.data for each in files if each.name == MASTER_KEY))
    with owner_dsn(config.database, data_dir) as dsn, snapshot(dsn) as taken:
        if key not in taken.key_ids():
            raise StartError(
                f"{master_key_file(data_dir)} is not the key of this database, so a backup would be"
                " of no use; restore the right one"
            )
        return write_records(EncryptedWriter(file, passphrase), taken, files, key)


def write_records(
    sealed: EncryptedWriter, taken: Snapshot, files: list[StoredFile], key: str
) -> BackupSummary:
    """Write all records of a backup, and its end."""
    writer = FrameWriter(sealed)
    manifest = Manifest(
        made_at=round(time.time(), 3), program=__version__, key_id=key, steps=taken.steps()
    )
    write_record(writer, manifest)
    for file in files:
        write_record(writer, file)
    tables = rows = 0
    taker = FingerprintTaker()
    for record in taker.watch(taken.records()):
        write_record(writer, record)
        if isinstance(record, TableEnd):
            tables, rows = tables + 1, rows + record.rows
    write_record(writer, End(tables))
    writer.close()
    sealed.close()
    return BackupSummary(tables, rows, taker.tables)


def outside_files(config: Config) -> list[str]:
    """Return the settings that name a file with a secret, which a backup does not contain."""
    return [
        f"{section}.{name}"
        for section, name, _, _ in settings(type(config))
        if name.endswith("_file") and getattr(getattr(config, section), name)
    ]


def _files(data_dir: Path) -> Iterator[StoredFile]:
    installation_key_id(data_dir)
    yield StoredFile(MASTER_KEY, _read(master_key_file(data_dir)))
    further = (
        (OWNER_KEY, owner_key_file(data_dir)),
        (TLS_AUTHORITY, authority_file(data_dir)),
        (CONFIG, config_file()),
    )
    for name, path in further:
        if path.exists():
            yield StoredFile(name, _read(path))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
    if len(data) > _LARGEST_FILE:
        raise StartError(f"{path} is larger than {_LARGEST_FILE} bytes")
    return data


_KEY_ID_LENGTH = 8  # characters of the key id: enough to tell installations apart


def name_beginning(key_id: str) -> str:
    """Return what the names of an installation's backups begin with."""
    return f"pisovereign-{key_id[:_KEY_ID_LENGTH]}-"


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write, mode 0600, that gets its name when it is complete and on the disk.

    Raises:
        StartError: It exists already, or cannot be written.
    """
    _refuse_existing(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _remove(path.parent, _partial_names(re.escape(path.name)))
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            _refuse_existing(path)
            part.rename(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        sync(path.parent)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from error


def dated_name(key_id: str, now: float) -> str:
    """Return a file name that differs from those of other times and other installations."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    return f"{name_beginning(key_id)}{moment}.backup"


def keep_newest(folder: Path, key_id: str, keep: int) -> list[Path]:
    """Delete all but the newest backups of one installation, and return what was deleted.

    Only files named by `dated_name` are ever deleted.

    Raises:
        StartError: A file cannot be deleted.
    """
    name = rf"pisovereign-{re.escape(key_id[:_KEY_ID_LENGTH])}-\d{{8}}T\d{{6}}Z\.backup"
    try:
        old = sorted(path for path in folder.iterdir() if re.fullmatch(name, path.name))[:-keep]
        for path in old:
            path.unlink()
        _remove(folder, _partial_names(name))
    except OSError as error:
        raise StartError(f"old backups in {folder} cannot be deleted: {error.strerror}") from error
    return old


def _partial_names(name: str) -> str:
    """Return a pattern for the partial files that a crash leaves."""
    return rf"\.{name}\.[0-9a-f]{{8}}\.part"


def _remove(folder: Path, name: str) -> None:
    for path in folder.iterdir():
        if re.fullmatch(name, path.name):
            path.unlink()


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise StartError(f"{path} exists already; choose another name")
