"""`pisovereign-update`: root's program for updates.

    install FILE   verify it, write it into the system that does not run, read it back
    try            start the machine once with it
    status         what has become of the last one
    settle         at each start: what has become of it
    confirm        in the system that is tried: keep it, or start again and so go back
    serve          one order of the API, on standard input

A failure is one line on stderr, and status 1.
"""

from __future__ import annotations

import argparse
import pwd
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from pisovereign.errors import StartError
from pisovereign.logs import set_up_logging
from pisovereign.process.line_socket import Begun, read_line
from pisovereign.process.syscalls import peer_user_id
from pisovereign.updates import installing
from pisovereign.updates.board import Board
from pisovereign.updates.bundle import open_bundle
from pisovereign.updates.order import LONGEST_ORDER, Order
from pisovereign.updates.progress import Progress
from pisovereign.updates.release import read_release
from pisovereign.updates.state import UpdateState, read_state
from pisovereign.updates.trial import check_system, read_trial_key

_ORDER_S = 5.0
T = TypeVar("T")
_PORT = 80
_READY_S = 1200.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command."""
    args = parser().parse_args(argv)
    set_up_logging("info", "text")
    run: Callable[[argparse.Namespace], None] = args.run
    try:
        run(args)
    except StartError as error:
        print(f"pisovereign-update: {error}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    result = argparse.ArgumentParser(
        prog="pisovereign-update", description="Update the system of a flashed card."
    )
    result.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    steps = result.add_subparsers(required=True, metavar="COMMAND")

    installer = steps.add_parser("install", help="write an update beside the system that runs")
    installer.add_argument("file", type=Path, help="the update, such as one on a memory stick")
    installer.add_argument(
        "--try", dest="then_try", action="store_true", help="start it afterwards"
    )
    installer.set_defaults(run=_install)

    steps.add_parser("try", help="start once with what was written").set_defaults(
        run=lambda args: installing.try_once(Board(args.root))
    )
    steps.add_parser("status", help="show what runs, and the last update").set_defaults(run=_status)
    steps.add_parser("settle", help="find out what has become of an update").set_defaults(
        run=lambda args: _show(installing.settle(Board(args.root)))
    )
    confirming = steps.add_parser("confirm", help="keep the system that is tried, if it works")
    confirming.add_argument("--port", type=int, default=_PORT, help="of the program")
    confirming.add_argument(
        "--limit", type=float, default=_READY_S, help="seconds until it is ready"
    )
    confirming.set_defaults(run=_confirm)

    serving = steps.add_parser("serve", help="take one order on standard input")
    serving.add_argument("--allow-user", required=True, help="the account that may ask")
    serving.set_defaults(run=_serve)
    return result


def _install(args: argparse.Namespace) -> None:
    board = Board(args.root)
    with open_bundle(args.file) as file:
        _show(installing.install(board, file, Progress(board.run).tell))
    if args.then_try:
        installing.try_once(board)


def _status(args: argparse.Namespace) -> None:
    board = Board(args.root)
    release = read_release(board.release)
    print(f"runs: {release.version} ({release.product}), system {board.running_slot()}")
    _show(read_state(board.state))


def _confirm(args: argparse.Namespace) -> None:
    board = Board(args.root)

    def check() -> None:
        key = read_trial_key(board.run)
        if key is None:
            raise StartError("this trial has no key")
        check_system(args.port, key, args.limit)

    _show(installing.confirm(board, check))


def _show(state: UpdateState | None) -> None:
    if state is None:
        print("no update yet")
        return
    print(f"update to {state.version}: {state.stage}{f': {state.error}' if state.error else ''}")


def _serve(args: argparse.Namespace) -> None:
    """Take one order; what takes long goes on after the answer, also if the API ends meanwhile."""
    board = Board(args.root)
    with socket.socket(fileno=0) as connection:
        connection.settimeout(_ORDER_S)
        if peer_user_id(connection) != pwd.getpwnam(args.allow_user).pw_uid:
            raise StartError("somebody else than the API asks")
        try:
            order = msgspec.json.decode(read_line(connection, LONGEST_ORDER), type=Order)
        except (OSError, msgspec.MsgspecError):
            raise StartError("an order that cannot be read") from None
        if order.action == "install" and order.file is not None:
            _serve_install(board, connection, order.file)
        elif order.action == "try" and order.file is None:
            _answered(connection, lambda: installing.try_once(board))


def _serve_install(board: Board, connection: socket.socket, name: str) -> None:
    progress = Progress(board.run)
    with ExitStack() as held:

        def begin() -> BinaryIO:
            file = held.enter_context(open_bundle(board.incoming / name))
            size = installing.accept(board, file).manifest.stored
            # Before the answer: what an earlier one came to is not taken for the end of this one.
            progress.tell("verifying", 0, size)
            file.seek(0)
            return file

        file = _answered(connection, begin)
        try:
            installing.install(board, file, progress.tell)
        except StartError as error:
            progress.end(str(error))
            raise
        progress.end()


def _answered(connection: socket.socket, work: Callable[[], T]) -> T:
    """Do something, and tell who asked whether it was begun.

    Raises:
        StartError: It was refused.
    """
    try:
        result = work()
    except StartError as error:
        _answer(connection, Begun(str(error)))
        raise
    _answer(connection, Begun())
    return result


def _answer(connection: socket.socket, reply: Begun) -> None:
    # Who asked may have left; what was begun goes on.
    with suppress(OSError):
        connection.sendall(msgspec.json.encode(reply) + b"\n")
        connection.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    sys.exit(main())
