"""Health checks of each service, run together and within a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

from pisovereign.errors import NotConfigured, PiSovereignError, UpstreamError

CHECK_TIMEOUT_S = 5.0
Check = Callable[[], Awaitable[float | None]]
"""A check raises if something is wrong, and may return the latency that it measured, in ms."""


class ServiceHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of one service; `error` is set when its check failed.

    `healthy` is null, and `status` is set, for a service that is not configured.
    """

    healthy: bool | None
    status: Literal["not_configured"] | None = None
    latency_ms: float | None = None
    error: str | None = None


class CachedCheck:
    """A check that asks another server at most once in a while.

    `/ready/all` is public: without this, anybody could have that server asked without end.

    Args:
        check: the check.
        good_s: how long a good outcome holds.
        bad_s: how long a failure does.
        limit_s: how long the check may take; less than what the route gives it.
    """

    def __init__(
        self,
        check: Callable[[], Awaitable[object]],
        *,
        good_s: float = 30.0,
        bad_s: float = 5.0,
        limit_s: float = CHECK_TIMEOUT_S - 0.5,
    ) -> None:
        self._check = check
        self._good_s, self._bad_s = good_s, bad_s
        self._limit_s = limit_s
        self._lock = asyncio.Lock()
        self._until = 0.0
        self._latency_ms = 0.0
        self._failure: PiSovereignError | None = None

    async def __call__(self) -> float:
        """Return the latency of the last check in milliseconds, or raise its error.

        The check is made anew if that was long ago.
        """
        async with self._lock:
            if time.monotonic() >= self._until:
                await self._ask()
        if self._failure is not None:
            # The traceback would grow with each time that it is raised.
            raise self._failure.with_traceback(None)
        return self._latency_ms

    async def _ask(self) -> None:
        started = time.perf_counter()
        self._failure = None
        try:
            async with asyncio.timeout(self._limit_s):
                await self._check()
        except PiSovereignError as error:
            self._failure = error
        except TimeoutError:
            self._failure = UpstreamError("The server does not answer in time")
        self._latency_ms = (time.perf_counter() - started) * 1000
        self._until = time.monotonic() + (self._bad_s if self._failure else self._good_s)


NOT_CONFIGURED = ServiceHealth(healthy=None, status="not_configured")


async def check_one(check: Check) -> ServiceHealth:
    """Run one check within its time limit; a failure is an outcome, not an exception.

    One that raises `NotConfigured` has nothing to check.
    """
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            latency = await check()
    except NotConfigured:
        return NOT_CONFIGURED
    except PiSovereignError as error:
        return ServiceHealth(healthy=False, error=error.message)
    except TimeoutError:
        return ServiceHealth(healthy=False, error=f"no answer within {CHECK_TIMEOUT_S:g} s")
    if latency is None:
        latency = (time.perf_counter() - started) * 1000
    return ServiceHealth(healthy=True, latency_ms=round(latency, 2))


async def check_all(checks: Mapping[str, Check | ServiceHealth | None]) -> dict[str, ServiceHealth]:
    """Run all checks at the same time; a service without one is not configured.

    What is known without asking is given as it is.
    """
    known = {name: state for name, state in checks.items() if isinstance(state, ServiceHealth)}
    present = {name: check for name, check in checks.items() if callable(check)}
    outcomes = await asyncio.gather(*(check_one(check) for check in present.values()))
    by_name = known | dict(zip(present, outcomes, strict=True))
    return {name: by_name.get(name, NOT_CONFIGURED) for name in checks}
