"""Libraries that block, in threads: work has a time limit, and its connections can be cut.

A server that never answers must not hold up anything but its own requests, so the threads of each
integration are few and shared with nobody, and whoever gives up waiting cuts the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from pisovereign.errors import HostFailed, UpstreamError

T = TypeVar("T")
_THREADS = 4
# How long work whose connection was cut has to notice it. It may just have succeeded.
_SETTLE_S = 0.5


class Deadline:
    """The time limit of one piece of work, and the connections to cut when it has passed.

    Time limits of a socket begin anew with each byte, so a server that sends one a second would
    never meet them.

    Args:
        limit_s: how long the work may take.
        server: what its errors call the server.
    """

    def __init__(self, limit_s: float, server: str) -> None:
        self.server = server
        self._end = time.monotonic() + limit_s
        self._lock = threading.Lock()
        self._is_cut = False
        self._connections: list[socket.socket] = []

    def left_s(self) -> float:
        """Return how many seconds are left.

        Raises:
            HostFailed: none.
        """
        left = self._end - time.monotonic()
        if left <= 0 or self._is_cut:
            raise HostFailed(f"{self.server} did not answer in time")
        return left

    @property
    def connected(self) -> bool:
        """Return whether there was a connection, so that something may have been sent."""
        return bool(self._connections)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection too when the time has passed."""
        with self._lock:
            # TLS takes the descriptor over; a copy of it still reaches the same connection.
            self._connections.append(connection.dup())
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        """End all connections now; may be called by another thread, and does not block."""
        with self._lock:
            self._is_cut = True
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connections; their own sockets are closed by whoever opened them."""
        with self._lock:
            for connection in self._connections:
                connection.close()


class BlockingPool:
    """A few threads for the work of one integration.

    Args:
        name: what the threads are called.
        most_waiting: how much may wait for a thread.
    """

    def __init__(self, name: str, *, most_waiting: int = 12) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, name)
        self._most = _THREADS + most_waiting
        self._running: dict[Future[Any], Deadline] = {}

    @property
    def busy(self) -> bool:
        """Return whether something is running, or waits for a thread."""
        return bool(self._running)

    async def run(
        self, work: Callable[[Deadline], T], limit_s: float, server: str, *, cut: bool = True
    ) -> T:
        """Run `work` in a thread, and return its result.

        After `limit_s`, or when this is canceled, its connections are cut. Without `cut` it is left
        to come to its end: nobody would know how far it is.

        Raises:
            HostFailed: it takes longer than `limit_s`; waiting for a thread counts.
            UpstreamError: too much waits already.
        """
        if len(self._running) >= self._most:
            raise UpstreamError(f"{server} is slow, and too much waits for it already")
        deadline = Deadline(limit_s, server)
        job = self._pool.submit(_run, work, deadline)
        self._running[job] = deadline
        job.add_done_callback(lambda done: self._running.pop(done, None))
        result = asyncio.wrap_future(job)
        # Nobody may be there any more when it comes.
        result.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            done, _ = await asyncio.wait({result}, timeout=limit_s)
            if done:
                return result.result()
            if cut:
                deadline.cut()
                done, _ = await asyncio.wait({result}, timeout=_SETTLE_S)
                with contextlib.suppress(HostFailed):
                    if done:
                        return result.result()
            raise HostFailed(f"{server} did not answer in time")
        finally:
            if cut:
                deadline.cut()
                result.cancel()

    async def close(self) -> None:
        """Begin nothing any more, and cut the connections of what is running."""
        for deadline in list(self._running.values()):
            deadline.cut()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _run(work: Callable[[Deadline], T], deadline: Deadline) -> T:
    try:
        return work(deadline)
    finally:
        deadline.close()
