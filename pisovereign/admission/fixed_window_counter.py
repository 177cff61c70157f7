"""Counting how often something came in a minute, for each of many who may bring it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

WINDOW_S = 60.0
MOST_ADDRESSES = 10_000


class Window(msgspec.Struct):
    """The count of what one address brought in its minute; `ends` in seconds since the epoch."""

    ends: float
    used: int = 0


class FixedWindowCounter:
    """Counts by address in windows of a minute that start with an address's first request.

    Bounded: beyond 10,000 addresses the window that began first is forgotten. Well-known limiter
    libraries start a thread or a task for each count in memory, which cost a tenth of a whole chat
    request (`bench/http.py`).
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._clock = clock
        # In the order in which windows began, so the first ones are the first to end.
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def hit(self, address: str) -> tuple[bool, int, float]:
        """Count a request; return whether it may pass, how many are left, and until when."""
        now = self._clock()
        window = self._windows.get(address)
        # A clock that was set back must not lock an address out for longer than a window.
        if window is None or not now < window.ends <= now + WINDOW_S:
            self._windows.pop(address, None)
            window = self._windows[address] = Window(now + WINDOW_S)
            self._forget(now)
        allowed = window.used < self._limit
        window.used += allowed
        return allowed, self._limit - window.used, window.ends

    def exhausted_until(self, address: str) -> float | None:
        """Return until when no request may pass; None: the next one may."""
        window, now = self._windows.get(address), self._clock()
        if window is None or window.used < self._limit or not now < window.ends <= now + WINDOW_S:
            return None
        return window.ends

    def _forget(self, now: float) -> None:
        while len(self._windows) > 1:
            oldest = next(iter(self._windows.values()))
            if oldest.ends > now and len(self._windows) <= MOST_ADDRESSES:
                return
            self._windows.popitem(last=False)
