"""A user's events, to each watcher."""

from __future__ import annotations

from uuid import UUID

from pisovereign.events.connection_limits import ConnectionLimits
from pisovereign.events.log import EventLog
from pisovereign.events.rendering import missed, rendered
from pisovereign.events.subscription import Batch, Subscription
from pisovereign.events.wakeups import Wakeups

MOST_WATCHERS, MOST_OF_ONE_USER = 128, 16
_PART = 100


class EventStreams:
    """Opens event streams, as many as one process can serve."""

    def __init__(self, log: EventLog, wakeups: Wakeups) -> None:
        self._log = log
        self._wakeups = wakeups
        self._limits = ConnectionLimits(MOST_WATCHERS, MOST_OF_ONE_USER)

    async def watch(self, user: UUID, after: int | None, *, follow: bool) -> Subscription:
        """The user's events that follow number `after`; None: those that are still to come.

        Raises:
            ServiceUnavailable: too many streams are open, or the database is away.
        """
        with self._limits.take(user) as held:
            last = await self._log.last(user)
            # A number that was never given out comes from before a restored backup.
            begin = last if after is None else min(after, last)
            place = _Place(self._log, user, begin, follow=follow)
            return Subscription(
                place.read,
                wakeups=self._wakeups,
                about=user,
                retry_ms=2000,
                heartbeat_s=15.0,
                held=held.pop_all(),
            )


class _Place:
    """Where one watcher is in the log."""

    def __init__(self, log: EventLog, user: UUID, after: int, *, follow: bool) -> None:
        self._log = log
        self._user = user
        self._last = after
        self._follow = follow

    async def read(self) -> Batch:
        """What follows; in the place of what is no longer there, or cannot be read, its numbers."""
        events, first = await self._log.after(self._user, self._last, _PART)
        told = []
        if first > self._last + 1:
            told.append(missed(self._last + 1, first - 1))
        for event in events:
            self._last = event.id
            told.append(rendered(event))
        more = len(events) == _PART
        return Batch(told, more=more, over=not (self._follow or more))
