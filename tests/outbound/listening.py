"""A real listening socket that counts who connects, on IPv4 and IPv6 with one port."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from tests.support.patience import PATIENCE_S


class Trap:
    """Accepts every connection, counts it, and closes it."""

    def __init__(self) -> None:
        self.hits = 0
        self._sockets = _listen()
        self.port: int = self._sockets[0].getsockname()[1]
        self._end, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            for listening in (*self._sockets, self._end):
                selector.register(listening, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._end:
                        return
                    assert isinstance(key.fileobj, socket.socket)
                    key.fileobj.accept()[0].close()
                    self.hits += 1

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._wake.send(b"x")
        self._thread.join(PATIENCE_S)
        for each in (*self._sockets, self._end, self._wake):
            each.close()


def _listen() -> list[socket.socket]:
    """Every address of this machine, as far as it has IPv6."""
    four = socket.create_server(("0.0.0.0", 0), backlog=128)
    sockets = [four]
    with contextlib.suppress(OSError):
        port = four.getsockname()[1]
        sockets.append(socket.create_server(("::", port), family=socket.AF_INET6, backlog=128))
    return sockets


@contextlib.contextmanager
def trap() -> Iterator[Trap]:
    """Listen while the block runs."""
    listening = Trap()
    listening.start()
    try:
        yield listening
    finally:
        listening.stop()
