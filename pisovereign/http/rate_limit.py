"""How many requests one address may make in a minute."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Set
from http import HTTPStatus

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


_EVERYBODY = 10  # how many times as often as one address all together may be refused


class RateLimit:
    """Middleware that counts requests by address.

    With several workers each grants its share, since the kernel spreads connections over them; the
    headers state the configured limit.

    Args:
        per_minute: Requests of one address.
        workers: How many processes share the port.
        exempt: Paths that are not counted.
        public: Paths that need no key. On exempt ones that do, keys cannot be guessed without
            limit: what is refused for its key is counted.
        attempts: Paths on which somebody shows who they are.
        most_attempts: How often an address may be refused on all of them together.
    """

    def __init__(
        self,
        per_minute: int,
        workers: int,
        exempt: Set[str],
        public: Set[str],
        *,
        attempts: Set[str] = frozenset(),
        most_attempts: int = 1,
    ) -> None:
        self._exempt = exempt & public
        self._refusals_count = exempt - public
        self._limit = str(per_minute)
        self._windows = FixedWindowCounter(max(1, per_minute // workers))
        self._attempts = attempts
        self._refused = FixedWindowCounter(max(1, most_attempts // workers))
        # Short codes are not guessed from many addresses at once either.
        self._refused_anywhere = FixedWindowCounter(max(1, _EVERYBODY * most_attempts // workers))

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Count the request and set the headers, or refuse it."""
        if req.path in self._attempts:
            self._check_attempts(req.context.address)
        if req.path in self._exempt:
            return
        if req.path in self._refusals_count:
            if until := self._windows.exhausted_until(req.context.address):
                raise RateLimited(max(1, math.ceil(until - time.time())))
            return
        allowed, remaining, ends = self._windows.hit(req.context.address)
        resp.set_header("X-RateLimit-Limit", self._limit)
        resp.set_header("X-RateLimit-Remaining", str(remaining))
        resp.set_header("X-RateLimit-Reset", str(math.ceil(ends)))
        if not allowed:
            raise RateLimited(max(1, math.ceil(ends - time.time())))

    async def process_response(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        resource: object,
        succeeded: bool,
    ) -> None:
        """Count what was refused for its key, where nothing else is counted."""
        # Not what is forbidden: another page that somebody visits could use up their attempts.
        if req.path in self._attempts and resp.status_code == HTTPStatus.UNAUTHORIZED:
            self._refused.hit(req.context.address)
            self._refused_anywhere.hit("")
        if req.path in self._refusals_count and resp.status_code == HTTPStatus.UNAUTHORIZED:
            self._windows.hit(req.context.address)

    def _check_attempts(self, address: str) -> None:
        """Refuse an address that was refused too often; so nothing is tried in its name."""
        until = self._refused.exhausted_until(address) or self._refused_anywhere.exhausted_until("")
        if until:
            raise RateLimited(max(1, math.ceil(until - time.time())))
