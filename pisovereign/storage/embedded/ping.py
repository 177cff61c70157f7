"""Whether a server takes connections, asked as libpq does, but without its megabytes."""

from __future__ import annotations

import contextlib
import enum
import socket
import struct
from pathlib import Path

_LIMIT_S = 5.0
_VERSION = 3 << 16
_MOST = 4096
_TERMINATE = b"X\x00\x00\x00\x04"
# "The database system is starting up", and the like.
_CANNOT_CONNECT_NOW = b"C57P03\0"


class Answer(enum.Enum):
    """A server's answer to the question whether it takes connections."""

    READY = enum.auto()
    STARTING = enum.auto()
    NONE = enum.auto()


def ping(folder: Path, port: int, user: str) -> Answer:
    """Ask the server whose socket is in a folder; whoever is refused by it has found it ready."""
    parameters = b"\0".join((b"user", user.encode(), b"database", user.encode(), b"", b""))
    start = struct.pack("!ii", 8 + len(parameters), _VERSION) + parameters
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(_LIMIT_S)
            channel.connect(str(folder / f".s.PGSQL.{port}"))
            channel.sendall(start)
            said = channel.recv(_MOST)
            with contextlib.suppress(OSError):  # whoever refuses is gone already
                channel.sendall(_TERMINATE)
    except OSError:
        return Answer.NONE
    if said.startswith(b"E") and _CANNOT_CONNECT_NOW in said:
        return Answer.STARTING
    return Answer.READY if said else Answer.NONE
