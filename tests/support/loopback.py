"""Servers on free ports of the loopback, each in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self

FREE_PORT = ("127.0.0.1", 0)
_LOOK_S = 0.02  # how often it is looked whether the end has come


class QuietServer(ThreadingHTTPServer):
    """An HTTP server whose clients may leave, or be killed, at any moment."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


class Loopback:
    """Serves while the block runs.

    Args:
        server: Made for `FREE_PORT`.

    Attributes:
        port: Where it listens.
        url: The address of its pages, if it speaks HTTP.
    """

    def __init__(self, server: TCPServer) -> None:
        self._server = server
        self.port: int = server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(_LOOK_S,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def end_listening(listener: socket.socket) -> None:
    """Close a socket that a thread may be waiting on for a connection, which ends that wait.

    If it were only closed the thread would wait on. Should it then be stopped for a moment and go
    on, it would take connections from whatever had got the same descriptor since.
    """
    with contextlib.suppress(OSError):  # nobody listens any more
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
