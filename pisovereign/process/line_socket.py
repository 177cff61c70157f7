"""One request and one answer for each connection to a UNIX socket, each a line.

How the API asks the processes above it for something. The socket's mode says who may.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec

from pisovereign.errors import Conflict, ServiceUnavailable

LINE_LIMIT = 64 * 1024
# Clients are programs of this installation, which send their line at once.
_CLIENT_S = 0.5
_BACKLOG = 16
_log = logging.getLogger(__name__)


class Begun(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to an order: why nothing was begun; empty: it was."""

    refusal: str = ""


class LineSocket:
    """Answers on the thread of the loop that looks after processes.

    Args:
        listener: the socket.
        reply: returns the answer to a line.
    """

    def __init__(self, listener: socket.socket, reply: Callable[[bytes], bytes]) -> None:
        self._listener = listener
        self._reply = reply
        listener.listen(_BACKLOG)
        listener.setblocking(False)

    def tend(self) -> None:
        """Answer those who have connected; called a few times a second."""
        for _ in range(_BACKLOG):
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                _log.warning("a request was lost: %s", error.strerror)
                return
            with client, contextlib.suppress(OSError):  # it left, or never said what it wants
                client.settimeout(_CLIENT_S)
                line = read_line(client, LINE_LIMIT)
                if not _has_left(client):  # whoever did was told that nobody answers
                    client.sendall(self._reply(line) + b"\n")


def _has_left(client: socket.socket) -> bool:
    poll = select.poll()
    # POLLHUP is reported unasked; a client that only shut down its writing side does not cause it.
    poll.register(client, 0)
    return bool(poll.poll(0))


def read_line(client: socket.socket, limit: int) -> bytes:
    """Return what a client sends up to the end of its line, or until it sends no more.

    Args:
        client: has a time limit.
        limit: after this many bytes nothing more is read.

    Raises:
        OSError: it left, or takes too long.
    """
    data = b""
    while b"\n" not in data and len(data) < limit:
        piece = client.recv(limit)
        if not piece:
            break
        data += piece
    return data


async def exchange(path: Path, line: bytes) -> bytes:
    """Send a line and return the one that answers it; the caller limits the time.

    Raises:
        OSError: nobody listens.
        ValueError: the answer is too long.
    """
    # Imported here and below: those who listen have no event loop.
    import asyncio  # noqa: PLC0415

    reader, writer = await asyncio.open_unix_connection(path, limit=LINE_LIMIT)
    try:
        writer.write(line + b"\n")
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()


async def give_order(path: Path, what: msgspec.Struct, *, limit_s: float, silent: str) -> None:
    """Have something begun by who listens, and answers with `Begun`.

    Args:
        path: of the socket.
        what: the order.
        limit_s: how long the answer may take.
        silent: what is said if there is none.

    Raises:
        Conflict: it is refused.
        ServiceUnavailable: nobody answers, or not in a way that can be read.
    """
    import asyncio  # noqa: PLC0415

    try:
        async with asyncio.timeout(limit_s):
            line = await exchange(path, msgspec.json.encode(what))
        reply = msgspec.json.decode(line, type=Begun)
    except (OSError, TimeoutError, ValueError):  # msgspec's errors are among the last
        raise ServiceUnavailable(silent) from None
    if reply.refusal:
        raise Conflict(reply.refusal)
