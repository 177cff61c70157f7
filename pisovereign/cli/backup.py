"""`pisovereign-cli backup` and `restore`: everything in one encrypted file, and back."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from pisovereign.backup.passphrase import VARIABLE, normalized, read_passphrase
from pisovereign.cli.actions import LOCAL, Commands, argument, flag, one_of
from pisovereign.config import BackupConfig, Config
from pisovereign.config.loading import config_file, data_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError
from pisovereign.process.instance_lock import only_backup

if TYPE_CHECKING:
    from pisovereign.backup.make import BackupSummary
    from pisovereign.backup.restore import Verified


COMMANDS = Commands(options=LOCAL)

_COMMON = (
    one_of(
        argument("--passphrase-file", "a file that holds the passphrase", type=Path),
        argument(
            "--passphrase-fd",
            f"an open descriptor to read it from; else {VARIABLE}, else a prompt",
            type=int,
            metavar="N",
        ),
    ),
    flag("--json", "print JSON"),
)


@COMMANDS.runs(
    "backup",
    "write everything that is remembered into one encrypted file",
    argument("file", "the file; it must not be there yet", nargs="?", type=Path),
    argument("--to", "name it by the time (default: backup.folder)", type=Path, metavar="FOLDER"),
    argument("--keep", "how many are kept there (default: backup.keep)", type=int),
    *_COMMON,
)
def _backup(args: argparse.Namespace) -> int:
    """Write a backup, and delete old ones if it goes to a folder of backups."""
    # Here and below: only these commands need the PostgreSQL client, which is slow to import.
    from pisovereign.backup.make import (  # noqa: PLC0415
        atomic_file,
        installation_key_id,
        keep_newest,
        outside_files,
        write_backup,
    )

    config, folder, began = load_config(), data_dir(), time.monotonic()
    key = installation_key_id(folder)
    path, keep = _target(args, config, key)
    passphrase = _passphrase(args, new=True, configured=config.backup)
    with only_backup(folder):
        with atomic_file(path) as file:
            made = write_backup(file, passphrase, config, folder)
        deleted = keep_newest(path.parent, key, keep) if keep else []
    size = path.stat().st_size
    if args.json:
        _print_json(
            file=str(path),
            bytes=size,
            tables=made.tables,
            rows=made.rows,
            deleted=[str(old) for old in deleted],
            not_included=outside_files(config),
        )
    else:
        _tell_backup(path, size, made, time.monotonic() - began)
        for old in deleted:
            print(f"deleted {old}")
        if missing := outside_files(config):
            print(f"not in it: the files that these settings name: {', '.join(missing)}")
    return 0


@COMMANDS.runs(
    "restore",
    "make an installation of a backup; PiSovereign must not be running",
    argument(
        "file", "the backup; with --from its name there (else the newest)", nargs="?", type=Path
    ),
    argument(
        "--from",
        "bring it from folder, stick, webdav or s3, as config.toml describes them; or from "
        "/a/folder, https://a.webdav/folder, or s3://bucket/folder",
        dest="place",
        metavar="PLACE",
    ),
    argument("--user", "user name at a WebDAV server, or access key", default=""),
    argument("--endpoint", "address of the service for s3://", default=""),
    argument("--region", "region of the bucket for s3://", default=""),
    flag("--list", "print what is there, and end"),
    flag("--check", "read it whole, change nothing"),
    flag(
        "--rehearse",
        "restore it into a scratch place, compare it, and throw that away; change nothing",
    ),
    flag("--replace", "move an installation that is there aside"),
    flag("--without-config", "leave the configuration as it is"),
    *_COMMON,
)
def _restore(args: argparse.Namespace) -> int:
    """Verify a backup, and restore it unless `--check`, `--rehearse` or `--list` is given."""
    if args.place is None:
        if args.file is None or args.list:
            raise StartError("name a backup, or the place where it is with --from")
        return _restore_file(args, args.file)
    # Only this needs what reaches other machines, which is slow to import.
    from pisovereign.cli.backup_places import fetched, list_backups  # noqa: PLC0415

    config, only_looks = load_config(), args.check or args.rehearse
    if args.list:
        found = list_backups(args, config)
        if args.json:
            _print_json(files=[{"name": file.name, "bytes": file.size} for file in found])
        else:
            for each in found:
                print(f"{each.name}  {each.size / 1e6:.2f} MB")
        return 0
    with fetched(args, config, None if only_looks else data_dir()) as path:
        return _restore_file(args, path)


def _restore_file(args: argparse.Namespace, path: Path) -> int:
    from pisovereign.backup.rehearse import rehearse  # noqa: PLC0415
    from pisovereign.backup.restore import restore, verify  # noqa: PLC0415

    began = time.monotonic()
    passphrase = _passphrase(args, new=False)
    aside: Path | None = None
    looks = args.check or args.rehearse
    with _opened(path) as file:
        if args.rehearse:
            with TemporaryDirectory(prefix="pisovereign-rehearsal-") as scratch:
                verified = rehearse(file, passphrase, Path(scratch) / "data")
        elif args.check:
            verified = verify(file, passphrase)
        else:
            verified, aside = restore(
                file,
                passphrase,
                data_dir(),
                replace=args.replace,
                with_config=not args.without_config,
            )
    if args.json:
        _print_json(
            file=str(path),
            made_at=_moment(verified),
            program=verified.manifest.program,
            restored=not looks,
            rehearsed=args.rehearse,
            rows=verified.rows,
            aside=str(aside) if aside else None,
        )
        return 0
    print(f"{path.name}: whole; written {_moment(verified)} by {verified.manifest.program}")
    if args.rehearse:
        rows = sum(verified.rows.values())
        print(f"a restore of it gives the same {rows} rows; nothing was changed")
    if not looks:
        rows, took = sum(verified.rows.values()), time.monotonic() - began
        print(
            f"restored {len(verified.rows)} tables with {rows} rows to {data_dir()} in {took:.1f} s"
        )
        if aside:
            print(f"what was there is kept in {aside}")
        print("models are not in a backup: the next start fetches them")
    return 0


def _target(args: argparse.Namespace, config: Config, key: str) -> tuple[Path, int]:
    """Return the file to write, and how many of its kind to keep; 0 if it is a single backup."""
    if args.file is not None:
        if args.to is not None or args.keep is not None:
            raise StartError("name a file, or a folder with --to, not both")
        return args.file.absolute(), 0
    from pisovereign.backup.make import dated_name  # noqa: PLC0415

    folder = args.to or (Path(config.backup.folder) if config.backup.folder else None)
    if folder is None:
        raise StartError("name a file, or a folder with --to or the setting backup.folder")
    if not folder.is_dir():
        raise StartError(f"{folder} is not a folder; is the disk there?")
    keep = config.backup.keep if args.keep is None else args.keep
    if keep < 1:
        raise StartError("--keep must be at least 1")
    return folder.absolute() / dated_name(key, time.time()), keep


def _passphrase(
    args: argparse.Namespace, *, new: bool, configured: BackupConfig | None = None
) -> bytes:
    """Return the passphrase; that of the configuration, where nothing else names one."""
    file = args.passphrase_file
    named = file is not None or args.passphrase_fd is not None or VARIABLE in os.environ
    if configured is not None and configured.passphrase and not named:
        return normalized(configured.passphrase).encode()
    fallback = configured.passphrase_file if configured else ""
    return read_passphrase(
        file=file,
        descriptor=args.passphrase_fd,
        new=new,
        fallback=Path(fallback) if fallback else None,
    )


def _tell_backup(path: Path, size: int, made: BackupSummary, took: float) -> None:
    print(f"{path}: {size / 1e6:.2f} MB, {made.tables} tables with {made.rows} rows, {took:.1f} s")
    settings = config_file()
    what = f"{settings} and keys" if settings.exists() else "keys"
    print(f"in it: the database, {what}; models are not, they are fetched again")
    print("without the passphrase nobody can read it, and neither can you")


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None


def _moment(verified: Verified) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(verified.manifest.made_at))


def _print_json(**fields: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(fields)).decode())
