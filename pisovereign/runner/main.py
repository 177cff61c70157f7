"""`pisovereign-runner`: executes commands, each in a process that ends with it.

Knows no configuration file, no database and no key: everything comes as arguments.
"""

from __future__ import annotations

import argparse
import logging
import os
import pwd
import socket
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.logs import set_up_logging
from pisovereign.process.command_filter import can_filter
from pisovereign.process.core_dumps import forbid_core_dumps
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.unix_socket import listening
from pisovereign.runner.account import command_account
from pisovereign.runner.command_spec import ExecutionContext, Limits
from pisovereign.runner.connection import serve
from pisovereign.runner.launch import prepare_command
from pisovereign.runner.sandbox import find_isolation
from pisovereign.runner.server import Serve, Server
from pisovereign.telemetry.recent_log import keep_recent_lines

REFUSED = 1
FIRST_OF_SYSTEMD = 3
_NO_NAMESPACES = (
    "this system permits no namespaces: commands may see all that this account can read, and are "
    "followed one by one to be ended"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the runner and return the exit status."""
    args = parser().parse_args(argv)
    forbid_core_dumps()
    if args.parent_pid:
        die_with_parent(args.parent_pid)
    set_up_logging(args.log_level, args.log_format)
    if args.log_folder is not None:
        keep_recent_lines(args.log_folder, "runner")
    try:
        _run(args)
    except StartError as error:
        print(f"pisovereign-runner: {error}", file=sys.stderr)
        return REFUSED
    return 0


def _run(args: argparse.Namespace) -> None:
    context = _context(args)
    allowed = frozenset({0, os.geteuid(), *map(_user_id, args.allow_user)})
    if context.isolation == "none":
        logging.getLogger(__name__).warning(_NO_NAMESPACES)

    def prepare() -> Serve:
        prepared = prepare_command(context)
        return lambda connection, begin: serve(connection, prepared, context, begin)

    with _listener(args.socket) as sock:
        Server(
            sock,
            prepare,
            allowed=allowed,
            parallel=args.parallel,
            sessions=args.sessions,
            adopts=context.isolation == "none",
        ).run()


def _context(args: argparse.Namespace) -> ExecutionContext:
    account = command_account(args.account)
    return ExecutionContext(
        limits=Limits(
            timeout_s=args.timeout,
            output_bytes=args.output_bytes,
            memory_bytes=args.memory_bytes,
            processes=args.processes,
        ),
        isolation=find_isolation(account),
        account=account,
        filtered=can_filter(),
        hidden=tuple(args.hide),
    )


def _listener(path: Path | None) -> AbstractContextManager[socket.socket]:
    """Return the socket: systemd's, if it gave one, else a new one.

    Raises:
        StartError: there is none, or it cannot be made.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=FIRST_OF_SYSTEMD)
    if path is None:
        raise StartError("give --socket, or start it by a socket of systemd's")
    return listening(path)


def _user_id(name: str) -> int:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise StartError(f"there is no user {name}") from None


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    usual = Limits()
    result = argparse.ArgumentParser(prog="pisovereign-runner", description="Execute commands.")
    add = result.add_argument
    add("--socket", type=Path, help="UNIX socket to listen on, unless systemd gives one")
    add(
        "--allow-user", action="append", default=[], help="account that may connect, beside its own"
    )
    add("--account", default="", help="that commands run as, and nothing else does")
    add("--timeout", type=float, default=usual.timeout_s, help="longest time of a command, in s")
    add("--output-bytes", type=int, default=usual.output_bytes, help="of its output that is kept")
    add("--memory-bytes", type=int, default=usual.memory_bytes, help="of memory it may take")
    add("--processes", type=int, default=usual.processes, help="it may consist of")
    add("--parallel", type=int, default=4, help="commands at once")
    add("--sessions", type=int, default=4, help="programs that are talked to at once, beside them")
    add("--hide", type=Path, action="append", default=[], help="folder or file no command sees")
    add("--log-folder", type=Path, help="where the latest lines of the log are kept too")
    add("--log-format", choices=("text", "json"), default="text")
    add("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    add("--parent-pid", type=int, default=0, help="end when this process does")
    return result


if __name__ == "__main__":
    sys.exit(main())
