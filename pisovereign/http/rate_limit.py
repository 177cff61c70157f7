"""How many requests one address may make in a minute."""

from __future__ import annotations

import math
import time

import falcon.asgi
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from pisovereign.errors import RateLimited

EXEMPT = frozenset(("/health", "/ready", "/ready/all"))


class RateLimit:
    """Middleware that counts requests by address in windows of a minute.

    A window starts with an address's first request. With several workers each grants its share,
    since the kernel spreads connections over them; the headers state the configured limit.
    """

    def __init__(self, per_minute: int, workers: int) -> None:
        self._limit = str(per_minute)
        self._item = RateLimitItemPerMinute(max(1, per_minute // workers))
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Count the request and set the headers, or refuse it."""
        if req.path in EXEMPT:
            return
        allowed = self._limiter.hit(self._item, req.context.address)
        window = self._limiter.get_window_stats(self._item, req.context.address)
        resp.set_header("X-RateLimit-Limit", self._limit)
        resp.set_header("X-RateLimit-Remaining", str(window.remaining))
        resp.set_header("X-RateLimit-Reset", str(math.ceil(window.reset_time)))
        if not allowed:
            raise RateLimited(max(1, math.ceil(window.reset_time - time.time())))
