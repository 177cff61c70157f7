"""Notices of a service to systemd: that it is ready, and that it still works.

systemd names a datagram socket in `NOTIFY_SOCKET`, and in `WATCHDOG_USEC` the time after which a
service that said nothing is ended and started again. Elsewhere nothing is said.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, MutableMapping

_log = logging.getLogger(__name__)
_SEND_LIMIT_S = 2.0
# Of the watchdog's time: two signs of life may be late.
_SIGNS = 4


class Notifier:
    """Sends notifications to systemd.

    Args:
        address: of its socket; empty: there is none.
        watchdog_s: time in which a sign of life is expected, in seconds; 0: none is.
    """

    def __init__(self, address: str = "", watchdog_s: float = 0.0) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = watchdog_s if address else 0.0
        self._due = 0.0

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str] = os.environ) -> Notifier:
        """Take what systemd told this process out of `environ`, so that children do not get it."""
        address = environ.pop("NOTIFY_SOCKET", "")
        limit = environ.pop("WATCHDOG_USEC", "")
        process = environ.pop("WATCHDOG_PID", "")
        ours = process in ("", str(os.getpid()))
        return cls(address, int(limit) / 1e6 if ours and limit.isdecimal() else 0.0)

    def ready(self) -> None:
        """Tell systemd that clients are served from now on."""
        self._send("READY=1")

    def alive(self) -> None:
        """Tell systemd that this process works."""
        self._send("WATCHDOG=1")

    def alive_if_due(self) -> None:
        """Tell systemd that this process works, if that is due; for loops that turn often."""
        now = time.monotonic()
        if self.watchdog_s and now >= self._due:
            self._due = now + self.watchdog_s / _SIGNS
            self.alive()

    def _send(self, words: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.settimeout(_SEND_LIMIT_S)
                channel.connect(self._address)
                channel.sendall(words.encode())
        except OSError as error:
            _log.warning("systemd cannot be told %s: %s", words, error.strerror or error)


class Progress:
    """Whether a count has moved since it was asked the last time.

    Args:
        count: reads it, and has it move soon if all is well.
    """

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        self._last: int | None = None

    def __call__(self) -> bool:
        """Return whether it has."""
        last, self._last = self._last, self._count()
        return last != self._last


async def keep_alive(notifier: Notifier, works: Callable[[], bool]) -> None:
    """Tell systemd that this process works as long as this loop turns and `works` says so.

    Args:
        notifier: the way to systemd.
        works: whether what the loop cannot see of itself has moved since it was asked last.
    """
    if not notifier.watchdog_s:
        return
    import asyncio  # noqa: PLC0415 - processes without an event loop have a notifier too

    while True:
        if works():
            notifier.alive()
        await asyncio.sleep(notifier.watchdog_s / _SIGNS)
