"""`pisovereign-cli restore --from`: backups at a folder, a stick, a WebDAV server, or in a bucket.

Whoever needs it may have nothing but a new machine: so a place can be named on the command line,
and its password is asked for. Where `config.toml` describes it, its kind is enough.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from pisovereign.backup.retention import dated_backup
from pisovereign.config import Config
from pisovereign.connectors.configuration import section_of
from pisovereign.connectors.credentials import with_secrets
from pisovereign.connectors.file_stores.build import BUILDERS
from pisovereign.connectors.file_stores.settings import (
    BackupFolderConfig,
    BackupS3Config,
    BackupWebdavConfig,
)
from pisovereign.connectors.file_stores.types import FileStore, StoredFile
from pisovereign.connectors.registry import named_hosts
from pisovereign.errors import StartError
from pisovereign.files import private_folder
from pisovereign.outbound.outbound import Outbound

_KINDS = ("folder", "stick", "webdav", "s3")
_ENDING = ".backup"


class _Place(NamedTuple):
    """A place: which section describes it, and the configuration with it."""

    section: str
    config: Config


def list_backups(args: argparse.Namespace, config: Config) -> list[StoredFile]:
    """Return the backups at a place, the newest first.

    Raises:
        StartError: The place is not described.
        UpstreamError: It is away, or refuses.
    """
    return asyncio.run(_with_store(args, config, None, ""))


@contextmanager
def fetched(args: argparse.Namespace, config: Config, folder: Path | None) -> Iterator[Path]:
    """Yield a backup that was brought here, for as long as it is needed.

    Args:
        args: Names the place, and the backup there; without one it is the newest.
        config: The configuration.
        folder: Where there is room for it; None: where temporary files are.

    Raises:
        StartError: The place is not described, or has no such backup.
        UpstreamError: It is away, or refuses.
    """
    if folder is not None:
        private_folder(folder)
    with TemporaryDirectory(prefix=".backup-fetched-", dir=folder) as there:
        wanted = str(args.file) if args.file else ""
        (found,) = asyncio.run(_with_store(args, config, Path(there), wanted))
        yield Path(there) / found.name


async def _with_store(
    args: argparse.Namespace, config: Config, folder: Path | None, wanted: str
) -> list[StoredFile]:
    """List a place; with a folder, bring one backup there and return it alone."""
    place = _place(args, config)
    outbound = Outbound(place.config, named_hosts(place.config))
    try:
        store = BUILDERS[place.section](getattr(place.config, place.section), outbound)
        if store is None:
            raise StartError(f"{place.section} is not described; see docs/configuration.md")
        found = [file for file in await store.files() if _is_backup(file.name)]
        found.sort(key=lambda file: _made(file.name), reverse=True)
        if folder is None:
            return found
        file = next((file for file in found if not wanted or file.name == wanted), None)
        if file is None:
            raise StartError(f"{wanted or 'a backup'} is not there; --list shows what is")
        await _fetch(store, file, folder)
        return [file]
    finally:
        await outbound.close()


def _is_backup(name: str) -> bool:
    # A server may name files as it likes; what is printed must not move a terminal's cursor.
    return name.endswith(_ENDING) and name.isprintable()


def _made(name: str) -> tuple[float, str]:
    dated = dated_backup(name)
    return (dated.made_at.timestamp() if dated else 0.0, name)


async def _fetch(store: FileStore, file: StoredFile, folder: Path) -> None:
    done = 0
    with (folder / Path(file.name).name).open("xb") as target:
        async for piece in store.read(file.name):
            done += len(piece)
            if done > file.size:
                break  # else a server could fill the disk
            target.write(piece)
    if done != file.size:
        raise StartError(f"{file.name} did not arrive whole: {done} of {file.size} bytes")


def _place(args: argparse.Namespace, config: Config) -> _Place:
    named: str = args.place
    if named in _KINDS:
        return _Place(f"backup_{named}", with_secrets(config))
    if named.startswith("/"):
        section = section_of(config, BackupFolderConfig)
        folder = msgspec.structs.replace(section, path=named, other_disk=False)
        return _Place("backup_folder", msgspec.structs.replace(config, backup_folder=folder))
    if named.startswith(("https://", "http://")):
        return _webdav(args, with_secrets(config))
    if named.startswith("s3://"):
        return _s3(args, with_secrets(config))
    raise StartError(f"{named} is no place for backups; see --help")


def _webdav(args: argparse.Namespace, config: Config) -> _Place:
    section = section_of(config, BackupWebdavConfig)
    user = args.user or section.username
    password = section.password or (_ask(f"Password of {user}") if user else "")
    section = msgspec.structs.replace(section, url=args.place, username=user, password=password)
    return _Place("backup_webdav", msgspec.structs.replace(config, backup_webdav=section))


def _s3(args: argparse.Namespace, config: Config) -> _Place:
    section = section_of(config, BackupS3Config)
    bucket, _, prefix = args.place.removeprefix("s3://").partition("/")
    section = msgspec.structs.replace(
        section,
        endpoint=args.endpoint or section.endpoint,
        region=args.region or section.region,
        bucket=bucket,
        prefix=prefix.strip("/"),
        access_key=args.user or section.access_key,
    )
    if not section.endpoint or not section.access_key:
        raise StartError("s3:// needs --endpoint and --user, or the section backup_s3")
    secret = section.secret_key or _ask(f"Secret of the access key {section.access_key}")
    section = msgspec.structs.replace(section, secret_key=secret)
    return _Place("backup_s3", msgspec.structs.replace(config, backup_s3=section))


def _ask(what: str) -> str:
    if not sys.stdin.isatty():
        raise StartError(f"there is nobody to ask: {what}; set it in the environment")
    return getpass.getpass(f"{what}: ")
