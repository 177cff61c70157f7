"""`pisovereign-cli backup` and `restore`: everything in one encrypted file, and back."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from pisovereign.backup.passphrase import VARIABLE, read_passphrase
from pisovereign.config import Config
from pisovereign.config.loading import config_file, data_dir, load_config
from pisovereign.errors import StartError
from pisovereign.process.instance_lock import only_holder

if TYPE_CHECKING:
    from pisovereign.backup.make import BackupSummary
    from pisovereign.backup.restore import Verified


def add_parser(commands: Any) -> None:
    """Add both commands."""
    backing = commands.add_parser(
        "backup", help="write everything that is remembered into one encrypted file"
    )
    backing.add_argument("file", nargs="?", type=Path, help="the file; it must not be there yet")
    backing.add_argument(
        "--to", type=Path, metavar="FOLDER", help="name it by the time (default: backup.folder)"
    )
    backing.add_argument("--keep", type=int, help="how many are kept there (default: backup.keep)")
    _add_common(backing)
    backing.set_defaults(run=run_backup)
    restoring = commands.add_parser(
        "restore", help="make an installation of a backup; PiSovereign must not be running"
    )
    restoring.add_argument("file", type=Path, help="the backup")
    restoring.add_argument("--check", action="store_true", help="read it whole, change nothing")
    restoring.add_argument(
        "--replace", action="store_true", help="move an installation that is there aside"
    )
    restoring.add_argument(
        "--without-config", action="store_true", help="leave the configuration as it is"
    )
    _add_common(restoring)
    restoring.set_defaults(run=run_restore)


def _add_common(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--passphrase-file", type=Path, help="a file that holds the passphrase")
    source.add_argument(
        "--passphrase-fd",
        type=int,
        metavar="N",
        help=f"an open descriptor to read it from; else {VARIABLE}, else a prompt",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_backup(args: argparse.Namespace) -> int:
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
    passphrase = _passphrase(args, new=True, configured=config.backup.passphrase_file)
    with only_holder(folder / "backup.lock", "another backup is being written"):
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


def run_restore(args: argparse.Namespace) -> int:
    """Verify a backup, and restore it unless `--check` is given."""
    from pisovereign.backup.restore import restore, verify  # noqa: PLC0415

    began = time.monotonic()
    passphrase = _passphrase(args, new=False)
    aside: Path | None = None
    with _opened(args.file) as file:
        if args.check:
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
            file=str(args.file),
            made_at=_moment(verified),
            program=verified.manifest.program,
            restored=not args.check,
            rows=verified.rows,
            aside=str(aside) if aside else None,
        )
        return 0
    print(f"{args.file}: whole; written {_moment(verified)} by {verified.manifest.program}")
    if not args.check:
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


def _passphrase(args: argparse.Namespace, *, new: bool, configured: str = "") -> bytes:
    file = args.passphrase_file
    return read_passphrase(
        file=file,
        descriptor=args.passphrase_fd,
        new=new,
        fallback=Path(configured) if configured else None,
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
