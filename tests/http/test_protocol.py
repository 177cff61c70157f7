"""What happens to connections while the server ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from pisovereign.http.protocol import BoundedProtocol
from tests.support.server import wait_until

REQUEST = b"GET / HTTP/1.1\r\nHost: pisovereign.local\r\n\r\n"
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def app(_scope: Any, _receive: Any, send: Send) -> None:
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"heard"})


@contextmanager
def connected() -> Iterator[tuple[BoundedProtocol, socket.socket]]:
    """A connection to uvicorn, seen from both sides."""
    config = uvicorn.Config(app, http=BoundedProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            with socket.create_connection(listening.getsockname(), timeout=10) as client:
                wait_until(lambda: bool(server.server_state.connections), 10, "the connection")
                (connection,) = server.server_state.connections
                assert isinstance(connection, BoundedProtocol)
                yield connection, client
        finally:
            server.should_exit = True
            thread.join(10)


def end_before(connection: BoundedProtocol, client: socket.socket, sent: bytes) -> bytes:
    """What comes for something that is sent right after the server began to end."""

    def end() -> None:
        connection.shutdown()
        client.sendall(sent)

    connection.loop.call_soon_threadsafe(end)
    return client.makefile("rb").read()


def test_a_request_that_was_on_its_way_is_answered() -> None:
    with connected() as (connection, client):
        answer = end_before(connection, client, REQUEST)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"heard")


def test_so_is_the_next_one_of_a_connection_that_was_kept() -> None:
    with connected() as (connection, client):
        client.sendall(REQUEST)
        wait_until(lambda: client.recv(4096).endswith(b"heard"), 10, "an answer")
        assert end_before(connection, client, REQUEST).endswith(b"heard")


def test_who_sends_no_whole_request_is_sent_away() -> None:
    with connected() as (connection, client):
        assert end_before(connection, client, REQUEST[:-2]) == b""
