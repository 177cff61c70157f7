"""Work that is done whenever somebody says that there is something new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from pisovereign.events.wakeups import Wakeups
from pisovereign.jobs.periodic import PeriodicTask


class FollowingTask(PeriodicTask):
    """Does some work at its start, after each notice, and now and then: a notice may be lost.

    Args:
        work: One run.
        failure: What the log says when what a run needs is away.
        wakeups: Tell of what this process and others did.
        about: What notices are about.
        look_s: The seconds until the next run without a notice.
        ending_s: How long a run that has begun may go on when the process ends.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[None]],
        failure: str,
        *,
        wakeups: Wakeups,
        about: UUID,
        look_s: float,
        ending_s: float = 0.0,
    ) -> None:
        super().__init__(self._look, failure, longest_s=look_s, ending_s=ending_s)
        self._read = work
        self._wakeups = wakeups
        self._about = about
        self._look_s = look_s

    def start(self) -> None:
        """Begin to follow, on the running loop."""
        self._wakeups.follow(self._about, self._hear)
        super().start()

    async def stop(self) -> None:
        """End, after the present run if that takes no longer than it may."""
        self._wakeups.unfollow(self._about, self._hear)
        await super().stop()

    async def _look(self) -> float:
        await self._read()
        return self._look_s

    def _hear(self) -> None:
        if not self._wakeups.ended:
            self.wake()
