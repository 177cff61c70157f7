"""`pisovereign`: serve (everything, the default), setup, and api (the HTTP process alone)."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pisovereign import __version__
from pisovereign.api_keys import load_owner_key
from pisovereign.config import Config
from pisovereign.config.loading import config_file, data_dir, models_dir, names_model
from pisovereign.connectors.configuration import load_config
from pisovereign.connectors.credentials import with_secrets
from pisovereign.errors import PiSovereignError, StartError
from pisovereign.files import private_folder
from pisovereign.logs import set_up_logging
from pisovereign.process.core_dumps import forbid_core_dumps
from pisovereign.process.notify import Notifier
from pisovereign.process.parent_death import die_with_parent
from pisovereign.runtime import needs_setup
from pisovereign.telemetry.multiprocess import forget_log, make_log_folder
from pisovereign.telemetry.recent_log import keep_recent_lines

if TYPE_CHECKING:
    from pisovereign.process.child_signals import ChildSignals
    from pisovereign.supervisor.installation import Installation

READY_LIMIT_S = 120.0
TEND_INTERVAL_S = 0.2
AGAIN = 75  # somebody asked for a new start


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; report a refused start on stderr, and return 1."""
    parser = argparse.ArgumentParser(prog="pisovereign", description="A private assistant.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command")
    serving = commands.add_parser("serve", help="start database, engine and API (the default)")
    serving.add_argument(
        "--small", action="store_true", help="do not fetch the recommended model in the background"
    )
    serving.add_argument(
        "--lan", action="store_true", help="listen in the network too, so that phones can open it"
    )
    setup = commands.add_parser("setup", help="serve the set-up page until set-up is done")
    setup.add_argument("--parent-pid", type=int, help="end when this parent process ends")
    api = commands.add_parser("api", help="start only the API")
    api.add_argument("--database", default="", help="where the database is; default: database.url")
    api.add_argument("--parent-pid", type=int, help="end when this parent process ends")
    api.add_argument("--start-fd", type=int, help="go on only when this pipe ends")
    api.add_argument(
        "--listen-fd", type=int, action="append", default=[], help="a socket to answer on, bound"
    )
    args = parser.parse_args(argv)
    environment = dict(os.environ)  # before anything is taken out of it
    if getattr(args, "lan", False):
        os.environ["PISOVEREIGN_SERVER__HOST"] = "0.0.0.0"  # noqa: S104 - it was asked for
    try:
        if getattr(args, "parent_pid", None) is None:  # otherwise a parent has done so
            complete_restore(data_dir())
        if args.command == "api" and args.parent_pid is None:
            # No supervisor holds the data folder; a restore must not change it meanwhile.
            from pisovereign.process.instance_lock import one_api  # noqa: PLC0415

            with one_api(private_folder(data_dir())):
                return _run(args)
        code = _run(args)
        if code == AGAIN:
            sys.stdout.flush()
            again = [sys.executable, "-m", "pisovereign.cli.serve", *(argv or sys.argv[1:])]
            os.execve(again[0], again, environment)  # noqa: S606 - our own program
        return code
    except (StartError, PiSovereignError) as error:
        print(f"pisovereign: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(args: argparse.Namespace) -> int:
    forbid_core_dumps()
    config = with_secrets(load_config())
    set_up_logging(config.telemetry.log_level, config.telemetry.log_format)
    folder = private_folder(data_dir())
    process = args.command if args.command == "api" else "supervisor"
    keep_recent_lines(make_log_folder(folder), process)
    if args.command == "setup":
        try:
            return run_setup_page(config, folder, args.parent_pid)
        finally:
            forget_log(folder)
    if args.command == "api":
        from pisovereign.cli.api_process import run_api  # noqa: PLC0415

        # Taken out of the environment, so that gunicorn does not report ready too early.
        notifier = Notifier.from_environment()
        return run_api(
            config,
            folder,
            args.database,
            args.parent_pid,
            notifier,
            gate=args.start_fd,
            listeners=args.listen_fd,
        )
    try:
        return serve(config, folder, small=getattr(args, "small", False))
    finally:
        forget_log(folder)  # also of a start that was refused


def run_setup_page(config: Config, folder: Path, parent_pid: int | None) -> int:
    """Run the set-up process until set-up is done; return at once if it already is."""
    if not needs_setup(config.setup, folder):
        return 0
    from pisovereign.setup.server import run_setup  # noqa: PLC0415

    if parent_pid is not None:
        die_with_parent(parent_pid)
    run_setup(config, folder, models_dir(), config_file())
    return 0


def complete_restore(folder: Path) -> None:
    """Finish a restore whose installation is complete, and waits for a start.

    An incomplete one is removed, since it holds keys and a whole database.
    """
    # Imported here, since it is rarely needed.
    from pisovereign.backup.restore_state import complete  # noqa: PLC0415

    complete(folder)


def serve(config: Config, folder: Path, *, small: bool = False) -> int:
    """Run everything until SIGINT or SIGTERM; `small`: and fetch no larger model.

    Returns 0, or AGAIN when it is to be run once more.
    """
    from pisovereign.process.child_signals import child_signals  # noqa: PLC0415
    from pisovereign.process.instance_lock import only_instance  # noqa: PLC0415
    from pisovereign.supervisor.banner import base_url  # noqa: PLC0415
    from pisovereign.supervisor.installation import Installation  # noqa: PLC0415
    from pisovereign.supervisor.ports import held_ports  # noqa: PLC0415
    from pisovereign.supervisor.setup import set_up  # noqa: PLC0415

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    # Ready means all of it: child processes must not find the socket to report it.
    notifier = Notifier.from_environment()
    # Set SIGINT explicitly: background jobs of a shell inherit it ignored.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with only_instance(folder), ExitStack() as held:
        _check_tls(config, folder)
        with held_ports(config):
            pass
        if needs_setup(config.setup, folder):
            try:
                set_up(folder, base_url(config), notifier)
            except KeyboardInterrupt:
                return 0
            config = with_secrets(load_config())
        ports = held.enter_context(held_ports(config))
        load_owner_key(config.security, folder)
        fetch = config.inference.fetch_recommended and not small and not names_model()
        installation = Installation(
            config, folder, models_dir(), ports=ports, fetch_recommended=fetch
        )
        ends = held.enter_context(child_signals())
        try:
            installation.start()
            _tend(installation, config, folder, notifier, ends)
            logging.getLogger(__name__).info("starting again")
            return AGAIN
        except KeyboardInterrupt:
            logging.getLogger(__name__).info("stopping")
            return 0
        finally:
            # A second Ctrl-C must not leave half of the processes behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            installation.stop()


def _tend(
    installation: Installation,
    config: Config,
    folder: Path,
    notifier: Notifier,
    ends: ChildSignals,
) -> None:
    """Look after the processes until they are to be started again; say once that all is ready."""
    from pisovereign.supervisor.banner import banner, base_url  # noqa: PLC0415
    from pisovereign.supervisor.readiness import is_ready  # noqa: PLC0415

    deadline, waiting = time.monotonic() + READY_LIMIT_S, True
    while True:
        installation.tend()
        if installation.restart_wanted:
            return
        if waiting and is_ready(base_url(config)):
            print(banner(config, folder), flush=True)
            _offer_sign_in(config, folder)
            notifier.ready()
            waiting = False
        elif waiting and time.monotonic() > deadline:
            logging.getLogger(__name__).warning("not ready yet; the lines above say why")
            deadline = float("inf")
        notifier.alive_if_due()
        ends.wait(TEND_INTERVAL_S)


def _offer_sign_in(config: Config, folder: Path) -> None:
    """Show whoever sits at the terminal a link that signs them in; a log is given none."""
    from pisovereign.process.forked import run_forked  # noqa: PLC0415
    from pisovereign.supervisor.banner import base_url  # noqa: PLC0415

    key = load_owner_key(config.security, folder)
    if key is None or not sys.stdout.isatty():
        return

    def show() -> None:
        from pisovereign.supervisor.sign_in_link import describe, fetch_link  # noqa: PLC0415

        if link := fetch_link(base_url(config), key):
            print(describe(link), flush=True)

    with contextlib.suppress(StartError):  # all serves; a link can be had later
        run_forked(show)


def _check_tls(config: Config, folder: Path) -> None:
    """Refuse the start without the certificate that was given; the API would only try again."""
    if config.tls.mode == "files":
        from pisovereign.tls.build import build_certificates  # noqa: PLC0415

        build_certificates(config, folder)


if __name__ == "__main__":
    sys.exit(main())
