"""An installation to a file, whether it runs or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pisovereign import __version__
from pisovereign.api_keys import owner_key_file
from pisovereign.backup.contents import (
    CONFIG,
    MASTER_KEY,
    OWNER_KEY,
    End,
    Manifest,
    StoredFile,
    TableEnd,
    write_part,
)
from pisovereign.backup.dump import Snapshot, snapshot
from pisovereign.backup.frames import FrameWriter
from pisovereign.backup.sealed import SealedWriter
from pisovereign.backup.switch import is_pending
from pisovereign.config import Config
from pisovereign.config.loading import config_file, settings
from pisovereign.errors import StartError
from pisovereign.process.instance_lock import only_instance
from pisovereign.runtime import master_key_file
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.running import running_server
from pisovereign.storage.sealing import key_id, load_key

_LARGEST_FILE = 512 * 1024


class Made(NamedTuple):
    """What is in a backup that was written."""

    tables: int
    rows: int


def installation_key_id(data_dir: Path) -> str:
    """The name of the key that an installation's text is sealed with.

    Raises:
        StartError: there is no installation, or its key is unusable.
    """
    path = master_key_file(data_dir)
    try:
        return key_id(load_key(path))
    except FileNotFoundError:
        raise StartError(f"{data_dir} holds no installation: {path} is missing") from None
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None


@contextmanager
def owner_dsn(config: Config, data_dir: Path) -> Iterator[str]:
    """Where the database is; the embedded one is started if it does not run.

    Raises:
        StartError: it cannot be reached.
    """
    if own := config.database.owner_url or config.database.url:
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


def write_backup(file: BinaryIO, passphrase: bytes, config: Config, data_dir: Path) -> Made:
    """Write everything that an installation remembers.

    Raises:
        StartError: something cannot be read, or the key is not the database's.
    """
    if is_pending(data_dir):
        raise StartError("a restore was interrupted; start PiSovereign once, which completes it")
    files = list(_files(data_dir))
    key = key_id(next(each.data for each in files if each.name == MASTER_KEY))
    with owner_dsn(config, data_dir) as dsn, snapshot(dsn) as taken:
        if key not in taken.key_ids():
            raise StartError(
                f"{master_key_file(data_dir)} is not the key of this database, so a backup would be"
                " of no use; restore the right one"
            )
        return write_parts(SealedWriter(file, passphrase), taken, files, key)


def write_parts(sealed: SealedWriter, taken: Snapshot, files: list[StoredFile], key: str) -> Made:
    """Write all pieces of a backup, and its end."""
    writer = FrameWriter(sealed)
    manifest = Manifest(
        made_at=round(time.time(), 3), program=__version__, key_id=key, steps=taken.steps()
    )
    write_part(writer, manifest)
    for file in files:
        write_part(writer, file)
    tables = rows = 0
    for part in taken.parts():
        write_part(writer, part)
        if isinstance(part, TableEnd):
            tables, rows = tables + 1, rows + part.rows
    write_part(writer, End(tables))
    writer.close()
    sealed.close()
    return Made(tables, rows)


def outside_files(config: Config) -> list[str]:
    """Settings that name a file with a secret, which a backup does not hold."""
    return [
        f"{section}.{name}"
        for section, name, _, _ in settings()
        if name.endswith("_file") and getattr(getattr(config, section), name)
    ]


def _files(data_dir: Path) -> Iterator[StoredFile]:
    installation_key_id(data_dir)
    yield StoredFile(MASTER_KEY, _read(master_key_file(data_dir)))
    for name, path in ((OWNER_KEY, owner_key_file(data_dir)), (CONFIG, config_file())):
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
