"""How many requests one address may make in a minute."""

from __future__ import annotations

import math
import time
from collections.abc import Set
from http import HTTPStatus

import falcon.asgi

from pisovereign.admission.fixed_window_counter import FixedWindowCounter
from pisovereign.errors import RateLimited

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
