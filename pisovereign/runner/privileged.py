"""`pisovereign-runner-privileged`: the few commands of the appliance that need root.

A socket of systemd's starts it for one connection, which is its standard input. What it is asked
for is a name in `COMMANDS` and nothing else, so that no request brings an argument.
"""

from __future__ import annotations

import argparse
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import msgspec

from pisovereign.process.syscalls import peer_user_id
from pisovereign.runner.output import Output
from pisovereign.runner.programs import ENVIRONMENT, find_program
from pisovereign.runner.types import (
    BadLine,
    RunResult,
    RunStatus,
    Started,
    encode_line,
    not_run,
    read_line,
)

LONGEST_REQUEST = 1024
REQUEST_S, COMMAND_S, SEND_S = 5.0, 20.0, 5.0
KEPT_OUTPUT = 16 * 1024
REFUSED = 1


COMMANDS: Mapping[str, tuple[str, ...]] = {
    # It ends who asks for it, so it does not wait for the end of that.
    "restart": ("systemctl", "--no-block", "restart", "pisovereign.service"),
    "reboot": ("systemctl", "reboot"),
}


class PrivilegedRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `COMMANDS`."""

    name: str


def name_of(argv: Sequence[str]) -> str | None:
    """Return the row that holds exactly this command."""
    return next((name for name, row in COMMANDS.items() if row == tuple(argv)), None)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the connection on standard input and return the exit status."""
    args = parser().parse_args(argv)
    # Whatever happens: this long, and then the kernel ends it.
    signal.alarm(int(REQUEST_S + COMMAND_S + SEND_S))
    with socket.socket(fileno=0) as connection:
        if peer_user_id(connection) != pwd.getpwnam(args.allow_user).pw_uid:
            return REFUSED
        serve(connection, COMMANDS)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(
        prog="pisovereign-runner-privileged", description="Execute a command of the appliance."
    )
    result.add_argument("--allow-user", required=True, help="the account that may ask")
    return result


def serve(connection: socket.socket, commands: Mapping[str, tuple[str, ...]]) -> None:
    """Execute the command that is named; if the client leaves, it goes on.

    Raises:
        OSError: the client left before it could be told of the start; nothing was started.
    """
    try:
        line = read_line(connection, LONGEST_REQUEST, REQUEST_S)
        name = msgspec.json.decode(line, type=PrivilegedRequest).name
    except (BadLine, EOFError, msgspec.MsgspecError, UnicodeDecodeError):
        return
    connection.settimeout(SEND_S)
    argv = commands.get(name)
    program = find_program(argv[0]) if argv else None
    if argv is None or program is None:
        connection.sendall(encode_line(not_run("there is no such privileged command")))
        return
    connection.sendall(encode_line(Started()))
    connection.sendall(encode_line(_execute(program, argv)))


def _execute(program: str, argv: tuple[str, ...]) -> RunResult:
    begun = time.monotonic()
    output, code = Output(KEPT_OUTPUT), None
    try:
        done = subprocess.run(
            argv,
            executable=program,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            env=ENVIRONMENT,
            timeout=COMMAND_S,
            check=False,
        )
        code = done.returncode
        output.take("stdout", done.stdout)
        output.take("stderr", done.stderr)
    except subprocess.TimeoutExpired:
        pass
    status: RunStatus = "timed_out" if code is None else "failed" if code else "completed"
    return RunResult(
        status=status,
        exit_code=code if code is None or code >= 0 else 128 - code,
        stdout=output.text("stdout"),
        stderr=output.text("stderr"),
        truncated=output.truncated,
        duration_ms=int((time.monotonic() - begun) * 1000),
    )


if __name__ == "__main__":
    sys.exit(main())
