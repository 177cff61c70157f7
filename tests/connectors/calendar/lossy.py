"""A proxy on loopback that loses requests, or their answers, as networks do."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Literal

from tests.connectors.calendar.broken import read_request
from tests.support.loopback import end_listening

Fate = Literal["pass", "lose request", "lose answer", "hold answer"]


class LossyProxy:
    """Passes requests on to a server, one for each connection.

    `fate` says what happens to a request, by its method. An answer that is lost or held has been
    given by the server: what was asked for is done.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://localhost:{self.port}/"
        self.fate: Callable[[str], Fate] = lambda method: "pass"
        self.passed: list[str] = []
        self.answered = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        end_listening(self._listener)

    def lose(self, fate: Fate, method: str, times: int) -> None:
        """Let this happen to the next requests of a method."""
        left = [fate] * times
        self.fate = lambda asked: left.pop() if asked == method and left else "pass"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(60)
            request = read_request(connection)
            method = request.split(b" ", 1)[0].decode()
            if not method:
                return
            fate = self.fate(method)
            if fate == "lose request":
                return
            answer = self._pass_on(request)
            self.passed.append(method)
            if fate == "hold answer":
                self.answered.set()
                self._ended.wait()
            if fate == "pass":
                connection.sendall(answer)

    def _pass_on(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._server), 60) as server:
            server.settimeout(60)
            server.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = b""
            while chunk := server.recv(65536):
                answer += chunk
            return answer
