"""Messages between API and runner: one request and its answer for each connection.

Messages are lines of JSON, bounded in size and time.
"""

from __future__ import annotations

import socket
import time
from typing import Literal

import msgspec

RunStatus = Literal["completed", "failed", "timed_out"]


SESSION_S = 3600.0
"""The longest that a program may go on that is talked to."""


class SharedFolder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder that a program sees although it is in somebody's home, or the like."""

    path: str
    write: bool = False


class SessionSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that is talked to while it runs.

    It sees of homes, disks and temporary folders only `folders`, and has `env` beside the usual
    environment.
    """

    env: dict[str, str] = {}
    folders: tuple[SharedFolder, ...] = ()


class RunRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command to execute.

    `argv` is passed to the kernel as it is; its first entry is an absolute path or looked for in
    fixed system folders. `network` lets the command reach the network; `privileged` asks for the
    path of dangerous commands, which exists on the appliance only. `timeout_s` is at most the
    runner's own limit, and that of sessions for one. With `folders`, the command sees of homes and
    disks only these, and is refused where nothing could keep it from the others. With a `session`,
    what the client sends after the request is the program's input, and frames follow `Started`.
    """

    argv: tuple[str, ...]
    network: bool = False
    privileged: bool = False
    timeout_s: float = 30.0
    folders: tuple[SharedFolder, ...] | None = None
    session: SessionSpec | None = None


class RunResult(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="result"
):
    """How it ended.

    `failed` is every end that is not exit code 0, also a program that does not exist (`exit_code`
    None, the reason in `stderr`). A command that a signal ended has 128 and the signal's number as
    `exit_code`, as in a shell. Output is UTF-8 with replacements, cut at 64 KiB in all.
    """

    status: RunStatus
    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    duration_ms: int


class Started(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="started"):
    """Sent before the command is: without it, nothing ran; after it, something may have."""


Answer = Started | RunResult


def not_run(reason: str) -> RunResult:
    """Return the result of a command that was never started."""
    return RunResult(
        status="failed", exit_code=None, stdout="", stderr=reason, truncated=False, duration_ms=0
    )


REQUEST_BYTES = 64 * 1024
# Each byte of output may become six, as `\u001b`.
ANSWER_BYTES = 8 * 1024 * 1024
_ENCODER = msgspec.json.Encoder()


class BadLine(Exception):
    """A line that is not a request; the text says why."""


def encode_line(message: msgspec.Struct) -> bytes:
    r"""Return one message with its `\n`."""
    return _ENCODER.encode(message) + b"\n"


def read_line(connection: socket.socket, limit_bytes: int, limit_s: float) -> bytes:
    """Read one line from a blocking socket, and nothing but that.

    Raises:
        BadLine: it is too long, comes too slowly or is followed by something.
        EOFError: the other side left before its end.
    """
    deadline = time.monotonic() + limit_s
    line = b""
    while not line.endswith(b"\n"):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise BadLine("the request came too slowly")
        connection.settimeout(remaining)
        try:
            piece = connection.recv(limit_bytes)
        except TimeoutError:
            continue
        except ConnectionResetError:
            raise EOFError from None
        if not piece:
            raise EOFError
        line += piece
        if len(line) > limit_bytes:
            raise BadLine("the request is too long")
        if b"\n" in line[:-1]:
            raise BadLine("the request is more than one line")
    return line
