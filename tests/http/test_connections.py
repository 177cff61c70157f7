"""How many connections there may be, and what becomes of those of clients that are slow."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn

from pisovereign.asgi.types import TAKES_TOO_LITTLE
from pisovereign.http import connections as limits
from pisovereign.http import protocol
from pisovereign.http.connections import MOST_TOLD, ROOM_AT_ONCE, ROOM_PER_S, Connections
from pisovereign.http.protocol import BoundedProtocol
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
REQUEST = b"GET /%b HTTP/1.1\r\nHost: pisovereign.local\r\n\r\n"
LARGE = 4 << 20  # more than is kept for a client outside of the server


class Fake:
    """A connection of which only that matters."""

    def __init__(self, *, waits: bool, unsent: int = 0) -> None:
        self.waits_for_client = waits
        self.unsent = unsent
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


def test_an_address_that_wants_more_loses_its_oldest_that_waits_for_it() -> None:
    some = Connections(most_of_one=3, most_of_all=100)
    busy, old, young = Fake(waits=False), Fake(waits=True), Fake(waits=True)
    other = Fake(waits=True)
    for each in (busy, old, young):
        assert some.add(each, "192.0.2.1")
    assert some.add(other, "192.0.2.2")
    assert some.add(Fake(waits=False), "192.0.2.1")
    assert [each.dropped for each in (busy, old, young, other)] == [False, True, False, False]
    assert len(some) == 4


def test_who_only_has_busy_ones_is_told_and_then_closed() -> None:
    some = Connections(most_of_one=2, most_of_all=1000)
    assert [some.add(Fake(waits=False), "192.0.2.1") for _ in range(2)] == [True] * 2
    told = [some.add(Fake(waits=False), "192.0.2.1") for _ in range(MOST_TOLD)]
    assert told == [False] * MOST_TOLD
    assert some.add(Fake(waits=False), "192.0.2.1") is None
    assert some.add(Fake(waits=False), "192.0.2.2")


def test_at_the_limit_of_all_the_one_with_most_gives_way() -> None:
    some = Connections(most_of_one=10, most_of_all=5)
    many = [Fake(waits=True) for _ in range(4)]
    for each in many:
        some.add(each, "192.0.2.1")
    one = Fake(waits=True)
    assert some.add(one, "192.0.2.2")
    assert some.add(Fake(waits=True), "192.0.2.3")
    assert [each.dropped for each in (*many, one)] == [True, False, False, False, False]


def test_at_the_limit_of_all_somebody_with_many_busy_ones_does_not_keep_others_out() -> None:
    some = Connections(["192.0.2.9"], most_of_one=10, most_of_all=5)
    busy, idle = [Fake(waits=False) for _ in range(3)], [Fake(waits=True) for _ in range(2)]
    for each in busy:
        some.add(each, "192.0.2.9")
    for each in idle:
        some.add(each, "192.0.2.1")
    assert some.add(Fake(waits=True), "192.0.2.2")
    assert some.add(Fake(waits=True), "192.0.2.9")
    assert [each.dropped for each in (*busy, *idle)] == [False] * 3 + [True, True]


def test_who_opens_one_after_the_other_has_only_some_of_its_own_closed_for_them() -> None:
    """Each had something begun for it, which costs more than to refuse the next one."""
    now = 0.0
    some = Connections(most_of_one=10, most_of_all=10_000, clock=lambda: now)
    opened = [Fake(waits=True) for _ in range(1000)]
    stay = [some.add(each, "192.0.2.1") for each in opened]
    assert stay.count(True) == 10 + ROOM_AT_ONCE
    assert sum(each.dropped for each in opened) == ROOM_AT_ONCE
    now = 2.0
    later = [some.add(Fake(waits=True), "192.0.2.1") for _ in range(1000)]
    assert later.count(True) == 2 * ROOM_PER_S
    assert some.add(Fake(waits=True), "192.0.2.2")


def test_an_address_that_leaves_much_untaken_is_known_and_no_other() -> None:
    some = Connections(["192.0.2.9"])
    half = limits.MOST_UNSENT // 2 + 1
    slow, second, third, other = (Fake(waits=True, unsent=each) for each in (half,) * 3 + (0,))
    proxied = [Fake(waits=True, unsent=half) for _ in range(3)]
    some.add(slow, "192.0.2.1")
    some.add(second, "192.0.2.1")
    assert not some.takes_too_little(slow)
    some.add(third, "192.0.2.1")
    some.add(other, "192.0.2.2")
    for each in proxied:
        some.add(each, "192.0.2.9")
    told = [some.takes_too_little(each) for each in (slow, second, third, other, *proxied)]
    assert told == [True] * 3 + [False] * 4
    some.remove(slow)
    assert not some.takes_too_little(second)


def test_one_large_answer_keeps_nobody_from_asking_for_more() -> None:
    some = Connections()
    speech, page = Fake(waits=True, unsent=3 * limits.MOST_UNSENT), Fake(waits=True)
    for each in (speech, page):
        some.add(each, "192.0.2.1")
    assert not some.takes_too_little(page)


def test_one_of_a_network_of_ipv6_that_takes_nothing_stops_no_other_one() -> None:
    some = Connections()
    network = [f"fe80::{number}" for number in range(1, 8)]
    own = [Fake(waits=True, unsent=limits.MOST_UNSENT) for _ in range(3)]
    for each in own:
        some.add(each, network[0])
    other = Fake(waits=True)
    some.add(other, network[1])
    assert [some.takes_too_little(each) for each in (*own, other)] == [True] * 3 + [False]
    for address in network[2:]:
        some.add(Fake(waits=True, unsent=limits.MOST_UNSENT), address)
    assert some.takes_too_little(other), "all of the network together leave too much"


def test_a_network_of_ipv6_is_one_address_and_a_proxy_has_no_limit_of_its_own() -> None:
    some = Connections(["192.0.2.0/24"], most_of_one=1, most_of_all=100)
    assert some.add(Fake(waits=False), "2001:db8::1")
    assert some.add(Fake(waits=False), "2001:db8::2") is False
    assert all(some.add(Fake(waits=False), "192.0.2.9") for _ in range(5))


def test_what_has_ended_is_not_counted() -> None:
    some = Connections(most_of_one=1, most_of_all=1)
    for _ in range(3):
        each = Fake(waits=False)
        assert some.add(each, "192.0.2.1")
        some.remove(each)
        some.remove(each)
    assert len(some) == 0


_begun: list[str] = []
_owing: list[bool] = []


async def app(scope: Any, receive: Any, send: Send) -> None:
    _begun.append(scope["path"])
    _owing.append(scope[TAKES_TOO_LITTLE]())
    body = bytes(LARGE) if scope["path"] == "/large" else b"heard"
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(connections: Connections) -> Iterator[tuple[str, int]]:
    """A server, and its address."""
    http: Any = partial(BoundedProtocol, counted=connections)
    config = uvicorn.Config(app, http=http, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)


def asked(address: tuple[str, int], path: bytes) -> socket.socket:
    client = socket.create_connection(address, timeout=PATIENCE_S)
    client.sendall(REQUEST % path)
    return client


def test_clients_that_send_nothing_do_not_keep_anybody_out() -> None:
    connections = Connections(most_of_one=8)
    with serving(connections) as address, ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(address)) for _ in range(20)]
        with asked(address, b"") as client:
            assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        for each in idle[:12]:
            each.settimeout(PATIENCE_S)
            with contextlib.suppress(ConnectionResetError):
                assert each.recv(1) == b""
        wait_until(lambda: len(connections) <= 8, PATIENCE_S, "the end of what is too much")


def test_one_that_is_too_much_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    connections = Connections(most_of_one=2)
    monkeypatch.setattr(BoundedProtocol, "waits_for_client", False)
    with serving(connections) as address, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(address))
        wait_until(lambda: len(connections) == 2, PATIENCE_S, "both")
        with asked(address, b"") as client:
            answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 1\r\n" in answer
    assert b'"code":"SERVICE_UNAVAILABLE"' in answer


def test_a_client_that_never_reads_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what was answered would stay in memory for as long as it likes."""
    monkeypatch.setattr(protocol, "UNSENT_WITHIN_S", 0.2)
    connections = Connections()
    with serving(connections) as address, asked(address, b"large") as client:
        assert client.recv(12) == b"HTTP/1.1 200"
        wait_until(lambda: len(connections) == 0, PATIENCE_S, "the end of its connection")


def test_one_that_reads_slowly_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked each time that some was taken: on a busy machine that may be late."""
    due: list[tuple[BoundedProtocol, int]] = []
    monkeypatch.setattr(BoundedProtocol, "_look_again", lambda *look: due.append(look))

    async def look(connection: BoundedProtocol, before: int) -> None:
        connection._check_unsent(before)

    looks = 0
    with serving(Connections()) as address, asked(address, b"large") as client:
        read = 0
        while read < LARGE:
            piece = client.recv(1 << 16)
            assert piece, f"it ended after {read} bytes"
            read += len(piece)
            if due and due[0][0].unsent <= max(0, due[0][1] - protocol.UNSENT_BYTES):
                connection, before = due.pop()
                looking = look(connection, before)
                asyncio.run_coroutine_threadsafe(looking, connection.loop).result(PATIENCE_S)
                looks += 1
    assert looks > 1


def test_nothing_is_begun_for_an_address_that_takes_no_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_UNSENT", LARGE // 2)  # beside one of two
    monkeypatch.setattr(protocol, "OWING_REFUSED_AFTER_S", 0.01)
    connections = Connections()
    _begun.clear()
    _owing.clear()
    with serving(connections) as address, ExitStack() as stack:
        slow = [stack.enter_context(asked(address, b"large")) for _ in range(2)]
        for each in slow:
            assert each.recv(12) == b"HTTP/1.1 200"
        for _ in range(3):
            with asked(address, b"another") as client:
                answer = client.makefile("rb").read()
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"\r\nRetry-After: 1\r\n" in answer
        assert _begun == ["/large"] * 2
        assert _owing == [False] * 2
        for each in slow:
            each.close()
        wait_until(lambda: len(connections) == 0, PATIENCE_S, "the end of what was not taken")
        with asked(address, b"another") as client:
            assert client.recv(12) == b"HTTP/1.1 200"
