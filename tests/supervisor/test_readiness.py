"""How the supervisor asks whether the API is ready."""

from __future__ import annotations

import socket
import threading

import pytest

from pisovereign.supervisor.readiness import is_ready


@pytest.mark.parametrize(
    ("said", "ready"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP", False),
    ],
)
def test_what_it_says(said: bytes, ready: bool) -> None:
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            channel, _ = listening.accept()
            with channel:
                asked.append(channel.recv(4096))
                channel.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        assert is_ready(f"http://{address}") is ready
        thread.join()
    assert asked[0].startswith(b"GET /ready HTTP/1.1\r\n")
    assert f"Host: {address}\r\n".encode() in asked[0]


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert not is_ready(f"http://127.0.0.1:{port}")
