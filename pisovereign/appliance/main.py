"""`pisovereign-appliance`: the steps from power-on to a working assistant, one for each unit.

Each can be killed at any moment and run again. A failure is one line on stderr, and status 1. Each
imports what it needs itself: a boot waits for several of them, one after the other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from pisovereign.errors import PiSovereignError, StartError
from pisovereign.logs import set_up_logging


def main(argv: Sequence[str] | None = None) -> int:
    """Run one step."""
    args = parser().parse_args(argv)
    set_up_logging("info", "text")
    run: Callable[[argparse.Namespace], None] = args.run
    try:
        run(args)
    except (StartError, PiSovereignError) as error:
        print(f"pisovereign-appliance: {error}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    result = argparse.ArgumentParser(
        prog="pisovereign-appliance", description="Steps of an appliance's start."
    )
    steps = result.add_subparsers(required=True, metavar="STEP")

    key = steps.add_parser("master-key", help="make the sealing key, if this is a first boot")
    key.add_argument("--file", type=Path, required=True)
    key.add_argument("--cluster", type=Path, required=True, help="the cluster it is for")
    key.set_defaults(run=_master_key)

    cluster = steps.add_parser("cluster", help="make the database cluster, if there is none")
    cluster.add_argument("--home", type=Path, required=True, help="the folder around it")
    cluster.set_defaults(run=_cluster)

    schema = steps.add_parser("schema", help="make role, database and tables, or upgrade them")
    schema.add_argument("--socket", type=Path, required=True, help="folder of the server's socket")
    schema.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    schema.set_defaults(run=_schema)

    settings = steps.add_parser("settings", help="write what the engine may know of the settings")
    settings.add_argument("--file", type=Path, required=True)
    settings.set_defaults(run=_settings)

    engine = steps.add_parser("engine", help="tune once, then run the engine")
    engine.add_argument("--settings", type=Path, required=True, help="file of the step `settings`")
    engine.add_argument("--models", type=Path, required=True, help="folder of models")
    engine.add_argument("--state", type=Path, required=True, help="folder of its own")
    engine.add_argument("--socket", type=Path, required=True, help="where it listens")
    engine.set_defaults(run=_engine)

    restoring = steps.add_parser("restore", help="replace what this machine has by a backup")
    restoring.add_argument("file", type=Path, help="the backup")
    restoring.add_argument("--passphrase-file", type=Path, help="else it is asked for")
    restoring.add_argument("--home", type=Path, help="the data partition")
    restoring.add_argument("--socket", type=Path, help="the database's folder")
    restoring.add_argument("--systemctl", help="the program that stops units")
    restoring.set_defaults(run=_restore)

    decay = steps.add_parser("decay", help="fade all memories up to today")
    decay.set_defaults(run=_decay)
    return result


def _master_key(args: argparse.Namespace) -> None:
    from pisovereign.appliance.master_key import ensure_master_key

    ensure_master_key(args.file, args.cluster)


def _cluster(args: argparse.Namespace) -> None:
    from pisovereign.appliance.database import ensure_cluster

    ensure_cluster(args.home)


def _schema(args: argparse.Namespace) -> None:
    from pisovereign.appliance.database import ensure_schema

    ensure_schema(args.socket, args.root)


def _settings(args: argparse.Namespace) -> None:
    from pisovereign.appliance.settings import write_settings
    from pisovereign.connectors.configuration import load_config

    write_settings(load_config(), args.file)


def _engine(args: argparse.Namespace) -> None:
    from pisovereign.appliance.engine import keep_engine
    from pisovereign.appliance.settings import read_settings

    keep_engine(
        read_settings(args.settings), models=args.models, state=args.state, socket=args.socket
    )


def _restore(args: argparse.Namespace) -> None:
    from pisovereign.appliance.restore import HOME, SOCKET, SYSTEMCTL, Places, restore
    from pisovereign.backup.passphrase import read_passphrase

    passphrase = read_passphrase(file=args.passphrase_file, descriptor=None, new=False)
    places = Places(args.home or HOME, args.socket or SOCKET)
    try:
        file: BinaryIO = args.file.open("rb")
    except OSError as error:
        raise StartError(f"{args.file}: {error.strerror}") from None
    with file:
        verified = restore(file, passphrase, places, systemctl=args.systemctl or SYSTEMCTL)
    print(f"restored {len(verified.rows)} tables with {sum(verified.rows.values())} rows")


def _decay(_args: argparse.Namespace) -> None:
    import asyncio

    from pisovereign.appliance.decay import fade_all
    from pisovereign.config.loading import data_dir
    from pisovereign.connectors.configuration import load_config
    from pisovereign.files import private_folder

    faded = asyncio.run(fade_all(load_config(), private_folder(data_dir())))
    print(f"memories that became less important: {faded}")


if __name__ == "__main__":
    sys.exit(main())
