"""How the supervisor asks whether the API is ready."""

from __future__ import annotations

import socket

import pytest

from pisovereign.supervisor.readiness import is_ready
from tests.support.one_reply import one_reply


@pytest.mark.parametrize(
    ("said", "ready"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP", False),
    ],
)
def test_what_it_says(said: bytes, ready: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with one_reply(listening, said) as asked:
            assert is_ready(f"http://{address}") is ready
    assert asked[0].startswith(b"GET /ready HTTP/1.1\r\n")
    assert f"Host: {address}\r\n".encode() in asked[0]


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert not is_ready(f"http://127.0.0.1:{port}")
