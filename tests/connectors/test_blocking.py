"""Work in threads ends in time, and nobody waits for what is left of it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from pisovereign.connectors import blocking
from pisovereign.connectors.blocking import BlockingPool, Deadline
from pisovereign.errors import HostFailed, UpstreamError
from tests.support.patience import PATIENCE_S


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def read_forever(
    deadline: Deadline, ours: socket.socket, begun: threading.Event | None = None
) -> bytes:
    """Work that only ends when its connection is cut."""
    deadline.watch(ours)
    if begun is not None:
        begun.set()
    return ours.recv(1)


def test_the_result_and_the_error_of_work_are_passed_on() -> None:
    async def scenario() -> None:
        pool = BlockingPool("test")
        assert await pool.run(lambda deadline: deadline.left_s() > 0, 5, "example.org")

        def fail(_: Deadline) -> None:
            raise UpstreamError("no")

        with pytest.raises(UpstreamError, match="no"):
            await pool.run(fail, 5, "example.org")
        await pool.close()

    run(scenario())


def test_connections_are_cut_when_the_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The thread may be slow to notice.
    monkeypatch.setattr(blocking, "_SETTLE_S", PATIENCE_S)

    async def scenario() -> None:
        pool = BlockingPool("test")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            # A connection that is cut reads as one that ended: the work may succeed even so.
            assert await pool.run(lambda d: read_forever(d, ours), 0.1, "example.org") == b""
            assert theirs.recv(1) == b""
        await pool.close()

    run(scenario())


def test_connections_are_cut_when_nobody_waits_any_more() -> None:
    async def scenario() -> None:
        pool = BlockingPool("test")
        ours, theirs = socket.socketpair()
        begun = threading.Event()
        with ours, theirs:
            waiting = asyncio.create_task(
                pool.run(lambda d: read_forever(d, ours, begun), 60, "example.org")
            )
            assert await asyncio.to_thread(begun.wait, PATIENCE_S)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await asyncio.to_thread(theirs.recv, 1) == b""
        await pool.close()

    run(scenario())


def test_what_must_not_be_cut_comes_to_its_end() -> None:
    async def scenario() -> None:
        pool = BlockingPool("test")
        go, done = threading.Event(), threading.Event()

        def work(_: Deadline) -> None:
            go.wait(PATIENCE_S)
            done.set()

        with pytest.raises(HostFailed, match=r"example\.org did not answer in time"):
            await pool.run(work, 0.05, "example.org", cut=False)
        assert pool.busy
        go.set()
        assert await asyncio.to_thread(done.wait, PATIENCE_S)
        await pool.close()

    run(scenario())


def test_only_so_much_waits() -> None:
    async def scenario() -> None:
        pool = BlockingPool("test", most_waiting=1)
        go = threading.Event()
        waiting = [
            asyncio.create_task(pool.run(lambda _: go.wait(PATIENCE_S), 60, "example.org"))
            for _ in range(5)
        ]
        await asyncio.sleep(0)
        with pytest.raises(UpstreamError, match=r"example\.org is slow, and too much waits"):
            await pool.run(lambda _: None, 60, "example.org")
        go.set()
        assert all(await asyncio.gather(*waiting))
        await pool.close()

    run(scenario())


def test_a_deadline_that_was_cut_has_no_time_left() -> None:
    deadline = Deadline(60, "example.org")
    assert not deadline.connected
    ours, theirs = socket.socketpair()
    with ours, theirs:
        deadline.cut()
        deadline.watch(ours)
        assert deadline.connected
        assert theirs.recv(1) == b""
        with pytest.raises(HostFailed, match=r"example\.org did not answer in time"):
            deadline.left_s()
        deadline.close()
