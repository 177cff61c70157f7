"""Work in threads, with connections that can be cut: IMAP and SMTP libraries wait for servers.

A server that never answers must not hold up anything but its own question, so these threads are
few and shared with nobody, and whoever gives up waiting cuts the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pisovereign.errors import HostFailed, UpstreamError

T = TypeVar("T")

_THREADS = 4
_MOST_WAITING = 12
_SETTLE_S = 0.5


class Wire:
    """The connection of one piece of work, and how long it may take in all."""

    def __init__(self, limit_s: float) -> None:
        self._until = time.monotonic() + limit_s
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None
        self._is_cut = False

    def left_s(self) -> float:
        """The time that is left.

        Raises:
            TimeoutError: none is.
        """
        left = self._until - time.monotonic()
        if left <= 0 or self._is_cut:
            raise TimeoutError
        return left

    def hold(self, connected: socket.socket) -> None:
        """Remember a connection. What is done with the socket, TLS for one, does not matter."""
        with self._lock:
            if self._is_cut:
                connected.close()
                raise TimeoutError
            self._let_go()
            self._twin = connected.dup()

    def cut(self) -> None:
        """End the connection, whoever waits for it, and refuse another one."""
        with self._lock:
            self._is_cut = True
            if self._twin is not None:
                with contextlib.suppress(OSError):
                    self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Forget the connection; its own socket is closed by whoever opened it."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


class MailThreads:
    """Runs work that waits for mail servers."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, "mail")
        self._wires: set[Wire] = set()

    async def run(self, work: Callable[[Wire], T], *, host: str, limit_s: float) -> T:
        """Do `work` in a thread, within `limit_s`; then, or when canceled, its connection is cut.

        Raises:
            UpstreamError: too much waits already.
            HostFailed: it took too long.
        """
        if len(self._wires) >= _THREADS + _MOST_WAITING:
            raise UpstreamError(f"{host} is slow, and too much waits for it already")
        wire = Wire(limit_s)
        self._wires.add(wire)
        submitted = self._pool.submit(_run, work, wire)
        submitted.add_done_callback(lambda _: self._wires.discard(wire))
        running = asyncio.wrap_future(submitted)
        try:
            done, _ = await asyncio.wait({running}, timeout=limit_s)
            if done:
                return running.result()
            # What waits for a connection that is cut ends at once, and may just have succeeded.
            wire.cut()
            done, _ = await asyncio.wait({running}, timeout=_SETTLE_S)
            with contextlib.suppress(HostFailed):
                if done:
                    return running.result()
            raise HostFailed(f"{host} did not answer within {limit_s:g} s")
        finally:
            wire.cut()
            running.cancel()

    async def close(self) -> None:
        """Cut what is running, and begin nothing more."""
        for wire in list(self._wires):
            wire.cut()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _run(work: Callable[[Wire], T], wire: Wire) -> T:
    try:
        return work(wire)
    finally:
        wire.close()
