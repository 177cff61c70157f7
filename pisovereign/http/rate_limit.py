"""How many requests one address may make in a minute."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Collection

import falcon.asgi
import msgspec

from pisovereign.errors import RateLimited

WINDOW_S = 60.0
MOST_ADDRESSES = 10_000


class Window(msgspec.Struct):
    """The requests of one address in its minute; `ends` in seconds since the epoch."""

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

    def _forget(self, now: float) -> None:
        while len(self._windows) > 1:
            oldest = next(iter(self._windows.values()))
            if oldest.ends > now and len(self._windows) <= MOST_ADDRESSES:
                return
            self._windows.popitem(last=False)


class RateLimit:
    """Middleware that counts requests by address.

    With several workers each grants its share, since the kernel spreads connections over them; the
    headers state the configured limit.
    """

    def __init__(self, per_minute: int, workers: int, exempt: Collection[str]) -> None:
        self._exempt = exempt
        self._limit = str(per_minute)
        self._windows = FixedWindowCounter(max(1, per_minute // workers))

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Count the request and set the headers, or refuse it."""
        if req.path in self._exempt:
            return
        allowed, remaining, ends = self._windows.hit(req.context.address)
        resp.set_header("X-RateLimit-Limit", self._limit)
        resp.set_header("X-RateLimit-Remaining", str(remaining))
        resp.set_header("X-RateLimit-Reset", str(math.ceil(ends)))
        if not allowed:
            raise RateLimited(max(1, math.ceil(ends - time.time())))
