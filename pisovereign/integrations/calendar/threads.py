"""Threads for a library that blocks, so few that a dead server cannot use up the program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from pisovereign.errors import UpstreamError

T = TypeVar("T")
_THREADS, _MOST_WAITING = 4, 16


class Threads:
    """Runs blocking work with a time limit; what waits for a thread waits within it."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, name)
        self._jobs: dict[Future[Any], Callable[[], None]] = {}

    async def run(self, work: Callable[[], T], limit_s: float, leave: Callable[[], None]) -> T:
        """What `work` returns.

        `leave` is called when nobody waits for the result any more, and does not block.

        Raises:
            UpstreamError: it takes longer than `limit_s`, or too much waits already.
        """
        if len(self._jobs) >= _THREADS + _MOST_WAITING:
            raise UpstreamError("The calendar server is slow, and too much waits for it already")
        job = self._pool.submit(work)
        self._jobs[job] = leave
        job.add_done_callback(self._ended)
        result = asyncio.wrap_future(job)
        # Somebody may leave before it comes.
        result.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.wait_for(asyncio.shield(result), limit_s)
        except TimeoutError:
            leave()
            raise UpstreamError("The calendar server does not answer in time") from None
        except asyncio.CancelledError:
            leave()
            raise

    @property
    def busy(self) -> bool:
        """Whether something is at work, or waits for a thread."""
        return bool(self._jobs)

    def close(self) -> None:
        """Begin nothing any more, and let go of what runs."""
        for leave in list(self._jobs.values()):
            leave()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ended(self, job: Future[Any]) -> None:
        self._jobs.pop(job, None)
