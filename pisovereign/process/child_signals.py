"""Waiting that ends when a child process does."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import time
from collections.abc import Iterator

_DRAIN = 4096
# A thread that waits for a child gets to know of its end a moment after the signal.
_THREADS_S = 0.005


class ChildSignals:
    """Lets a loop that looks after processes sleep until one of them ends.

    Looking a few times a second would find it as surely, and later: what died is then away for
    longer by as much.
    """

    def __init__(self, woken: socket.socket) -> None:
        self._woken = woken

    def wait(self, limit_s: float) -> None:
        """Return after `limit_s` seconds, or as soon as a child ends or another signal comes."""
        readable, _, _ = select.select([self._woken], [], [], limit_s)
        if readable:
            with contextlib.suppress(BlockingIOError):
                self._woken.recv(_DRAIN)
            time.sleep(_THREADS_S)


@contextlib.contextmanager
def child_signals() -> Iterator[ChildSignals]:
    """Hear of children that end; only in the main thread, and once at a time."""
    woken, waker = socket.socketpair()
    with woken, waker:
        woken.setblocking(False)
        waker.setblocking(False)
        fd_before = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        # Without a handler the kernel would tell nobody.
        before = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield ChildSignals(woken)
        finally:
            signal.signal(signal.SIGCHLD, before)
            signal.set_wakeup_fd(fd_before)
