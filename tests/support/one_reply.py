"""A server that takes one connection, reads what it is asked, and says one thing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_reply(listening: socket.socket, said: bytes) -> Iterator[list[bytes]]:
    """Answer whoever connects with `said`; yields what they asked, once they were answered."""
    asked: list[bytes] = []

    def serve() -> None:
        channel, _ = listening.accept()
        with channel:
            asked.append(channel.recv(4096))
            channel.sendall(said)

    thread = threading.Thread(target=serve)
    thread.start()
    yield asked
    thread.join()
