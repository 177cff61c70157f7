"""A server on loopback that answers each request with whatever bytes a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from tests.support.loopback import end_listening
from tests.support.patience import PATIENCE_S

Answer = Callable[[socket.socket, bytes], None]


class BrokenServer:
    """Reads one request from each connection and hands it to `answer`."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/dav/"
        self.requests: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        end_listening(self._listener)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE_S)
            request = read_request(connection)
            self.requests.append(request)
            self._answer(connection, request)


def read_request(connection: socket.socket) -> bytes:
    """Head and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (chunk := connection.recv(65536)):
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length and (chunk := connection.recv(65536)):
        body += chunk
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def broken_server(answer: Answer) -> Iterator[BrokenServer]:
    running = BrokenServer(answer)
    try:
        yield running
    finally:
        running.close()


def reply(status: str, body: bytes = b"", **headers: str) -> Answer:
    """A complete answer; `Content_Type="..."` names a field."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection, _: connection.sendall(data)


def raw(data: bytes) -> Answer:
    """These bytes, then the end."""
    return lambda connection, _: connection.sendall(data)


def drip(start: bytes, piece: bytes, pause_s: float) -> Answer:
    """`start`, then a piece after each pause, without end."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        stop = threading.Event()
        while not stop.wait(pause_s):
            connection.sendall(piece)

    return answer
