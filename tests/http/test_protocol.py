"""What becomes of connections while the server ends, and of requests whose end is in doubt."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from pisovereign.http.protocol import GATHERED_BYTES, BoundedProtocol
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until

REQUEST = b"GET / HTTP/1.1\r\nHost: pisovereign.local\r\n\r\n"
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: pisovereign.local\r\n\r\n"
_heard: list[str] = []
_pieces: list[int] = []


async def app(scope: Any, receive: Any, send: Send) -> None:
    _heard.append(scope["path"])
    if scope["path"] == "/upload":
        while (event := await receive())["type"] == "http.request" and event["more_body"]:
            _pieces.append(len(event["body"]))
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
            with socket.create_connection(listening.getsockname(), timeout=PATIENCE_S) as client:
                wait_until(
                    lambda: bool(server.server_state.connections), PATIENCE_S, "the connection"
                )
                (connection,) = server.server_state.connections
                assert isinstance(connection, BoundedProtocol)
                yield connection, client
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)


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
        wait_until(lambda: client.recv(4096).endswith(b"heard"), PATIENCE_S, "an answer")
        assert end_before(connection, client, REQUEST).endswith(b"heard")


def test_who_sends_no_whole_request_is_sent_away() -> None:
    with connected() as (connection, client):
        assert end_before(connection, client, REQUEST[:-2]) == b""


UPLOAD = b"POST /upload HTTP/1.1\r\nHost: pisovereign.local\r\nContent-Length: 4\r\n\r\n"


def test_an_upload_that_stands_still_does_not_keep_the_server_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What it may take otherwise: longer than this waits for the end.
    monkeypatch.setattr("pisovereign.http.protocol.MESSAGE_WITHIN_S", 3600.0)
    _heard.clear()
    with connected() as (connection, client):
        client.sendall(UPLOAD + b"a")
        wait_until(lambda: _heard == ["/upload"], PATIENCE_S, "the request's head")
        assert end_before(connection, client, b"b") == b""


def test_an_upload_that_goes_on_is_answered_while_the_server_ends() -> None:
    _heard.clear()
    with connected() as (connection, client):
        client.sendall(UPLOAD + b"ab")
        wait_until(lambda: _heard == ["/upload"], PATIENCE_S, "the request's head")
        assert end_before(connection, client, b"cd").endswith(b"heard")


def test_a_body_in_small_pieces_wakes_the_app_for_large_ones() -> None:
    _heard.clear()
    _pieces.clear()
    size = GATHERED_BYTES + 500
    piece = size // 500
    upload = UPLOAD.replace(b"Length: 4", b"Length: %d" % size)
    with connected() as (connection, client):
        client.sendall(upload)
        wait_until(lambda: _heard == ["/upload"], PATIENCE_S, "the request's head")

        async def pieces() -> None:
            for _ in range(499):
                connection.data_received(b"a" * piece)
                for _ in range(3):  # the app could have seen it by now
                    await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(pieces(), connection.loop).result(PATIENCE_S)
        client.sendall(b"a" * (size - 499 * piece))
        wait_until(lambda: client.recv(4096).endswith(b"heard"), PATIENCE_S, "an answer")
    # And once more for the rest, with the end of the request.
    assert [each >= GATHERED_BYTES for each in _pieces] == [True]


def head(version: str, *headers: str) -> bytes:
    lines = (f"POST / HTTP/{version}", "Host: pisovereign.local", *headers, "", "")
    return "\r\n".join(lines).encode()


NO_CHUNK = b"0\r\n\r\n"
UPGRADE = ("Connection: Upgrade", "Upgrade: h2c")
IN_DOUBT = {
    "a space": head("1.1", "Content-Length: 1 0") + b"0123456789",
    "a sign": head("1.1", "Content-Length: +1") + b"0",
    "a list": head("1.1", "Content-Length: 1,1") + b"0",
    "two lengths": head("1.1", "Content-Length: 1", "Content-Length: 2") + b"0",
    "chunks in 1.0": head("1.0", "Transfer-Encoding: chunked") + NO_CHUNK,
    "chunks in 1.0, kept": head("1.0", "Connection: keep-alive", "Transfer-Encoding: chunked")
    + NO_CHUNK,
    "a length beside chunks": head("1.1", "Content-Length: 5", "Transfer-Encoding: chunked")
    + NO_CHUNK,
    "chunks of something": head("1.1", "Transfer-Encoding: gzip, chunked") + NO_CHUNK,
    "no chunks": head("1.1", "Transfer-Encoding: identity"),
    "a length and an upgrade": head("1.1", "Content-Length: 1", *UPGRADE) + b"0",
    "chunks and an upgrade": head("1.1", "Transfer-Encoding: chunked", *UPGRADE) + NO_CHUNK,
    "version 0.9": b"POST /\r\n\r\n",
    "version 2.0": head("2.0"),
}


@pytest.mark.parametrize("body", ["Content-Length: 53", "Transfer-Encoding: chunked"])
def test_the_body_of_a_request_for_another_protocol_is_no_request(body: str) -> None:
    _heard.clear()
    with connected() as (_, client):
        client.sendall(head("1.1", body, *UPGRADE))
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 400 ")
    assert _heard == []


@pytest.mark.parametrize("headers", [UPGRADE, (*UPGRADE, "Content-Length: 0")])
def test_a_request_for_another_protocol_is_answered_and_the_last(headers: tuple[str, ...]) -> None:
    _heard.clear()
    with connected() as (_, client):
        client.sendall(head("1.1", *headers))
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"heard")
    assert _heard == ["/"]


@pytest.mark.parametrize("request_name", IN_DOUBT)
def test_a_request_whose_end_is_in_doubt_is_refused(
    request_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    _heard.clear()
    with connected() as (_, client):
        client.sendall(IN_DOUBT[request_name] + HIDDEN)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert _heard == []
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "sent",
    [
        head("1.1", "Content-Length: 1") + b"0",
        head("1.1", "Content-Length:   1  ") + b"0",
        head("1.1", "Transfer-Encoding: Chunked") + NO_CHUNK,
        head("1.0", "Content-Length: 1") + b"0",
    ],
)
def test_one_whose_end_is_clear_is_answered(sent: bytes) -> None:
    with connected() as (_, client):
        client.sendall(sent)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
