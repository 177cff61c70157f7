"""Lines of JSON on a socket, bounded in size and time."""

from __future__ import annotations

import socket
import time

import msgspec

REQUEST_BYTES = 64 * 1024
# Each byte of output may become six, as `\u001b`.
ANSWER_BYTES = 8 * 1024 * 1024
_ENCODER = msgspec.json.Encoder()


class BadLine(Exception):
    """What came is not a request; the text says why."""


def encode_line(message: msgspec.Struct) -> bytes:
    r"""One message with its `\n`."""
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
