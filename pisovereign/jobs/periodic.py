"""Work that is done again and again, beside the requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.logs import log_task_error, log_unexpected

_log = logging.getLogger(__name__)
_RETRY_S = 1.0  # the first pause after a failure; it doubles each time
_LEAST_S = 0.01  # a clock that is a little ahead must not make the loop spin


class PeriodicTask:
    """Does some work again and again: after the pause it asks for, or when it is woken.

    Args:
        work: One run; returns the seconds until the next one.
        failure: What the log says when what a run needs is away.
        longest_s: The longest pause after failures, in seconds.
        ending_s: How long a run that has begun may go on when the process ends.

    Attributes:
        ending: The process is about to end: a run should not begin anything new.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[float]],
        failure: str,
        *,
        longest_s: float = 60.0,
        ending_s: float = 5.0,
    ) -> None:
        self.ending = False
        self._work = work
        self._failure = failure
        self._longest_s = longest_s
        self._ending_s = ending_s
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(log_task_error)

    def wake(self) -> None:
        """Begin the next run now."""
        self._wanted.set()

    async def stop(self) -> None:
        """End, after the present run if that takes no longer than it may."""
        self.ending = True
        self.wake()
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=self._ending_s)
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        retry_s = _RETRY_S
        while not self.ending:
            self._wanted.clear()
            try:
                pause_s = max(await self._work(), _LEAST_S)
                retry_s = _RETRY_S
            except PiSovereignError as error:
                _log.warning("%s: %s", self._failure, error.message)
                pause_s, retry_s = retry_s, min(2 * retry_s, self._longest_s)
            except Exception as error:  # noqa: BLE001 - the edge: the work must go on
                log_unexpected(error)
                pause_s, retry_s = retry_s, min(2 * retry_s, self._longest_s)
            if self.ending:
                return
            try:
                async with asyncio.timeout(pause_s):
                    await self._wanted.wait()
            except TimeoutError:
                pass


async def for_each_user(users: Iterable[UUID], work: Callable[[UUID], Awaitable[object]]) -> None:
    """Do something for every user, and raise the first error at the end."""
    failed: Exception | None = None
    for user in users:
        try:
            await work(user)
        except Exception as error:  # noqa: BLE001 - one user's error must not be the end
            failed = failed or error
    if failed is not None:
        raise failed
