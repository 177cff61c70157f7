"""One time limit for everything that is done on a connection."""

from __future__ import annotations

import contextlib
import socket
import time

from pisovereign.errors import HostFailed


class Deadline:
    """One point in time for everything, and the connections to cut when it has come.

    Time limits of a socket begin anew with each byte, so a server that sends one a second would
    never meet them.
    """

    def __init__(self, limit_s: float) -> None:
        self._end = time.monotonic() + limit_s
        self._cut = False
        self._sockets: list[socket.socket] = []

    def left_s(self) -> float:
        """How many seconds are left.

        Raises:
            HostFailed: none.
        """
        left = self._end - time.monotonic()
        if left <= 0 or self._cut:
            raise HostFailed("The calendar server does not answer in time")
        return left

    @property
    def connected(self) -> bool:
        """Whether there was a connection, so that something may have been sent."""
        return bool(self._sockets)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection too."""
        # TLS takes the descriptor over; a copy of it still reaches the same connection.
        self._sockets.append(connection.dup())
        if self._cut:
            self.cut()

    def cut(self) -> None:
        """End all connections now; may be called by another thread, and does not wait."""
        self._cut = True
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connections."""
        for connection in self._sockets:
            connection.close()
