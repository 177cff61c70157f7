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


class OrderClient:
    """The way to a program that begins what it is told to, and answers with `Begun`.

    Args:
        path: of its socket; None: there is none.
    """

    limit_s: float
    """How long its answer may take."""
    missing: str
    """What is said where there is none."""
    silent: str
    """What is said if it does not answer."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def there(self) -> bool:
        """Return whether there is such a program."""
        return self._path is not None

    async def _order(self, what: msgspec.Struct) -> None:
        import asyncio  # noqa: PLC0415

        if self._path is None:
            raise Conflict(self.missing)
        try:
            async with asyncio.timeout(self.limit_s):
                line = await exchange(self._path, msgspec.json.encode(what))
            reply = msgspec.json.decode(line, type=Begun)
        except (OSError, TimeoutError, ValueError):  # msgspec's errors are among the last
            raise ServiceUnavailable(self.silent) from None
        if reply.refusal:
            raise Conflict(reply.refusal)
