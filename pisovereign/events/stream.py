"""Streams of events, to each watcher."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import NamedTuple
from uuid import UUID

from pisovereign.asgi import sse
from pisovereign.errors import NotFound, ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.events.subscription import Batch, Subscription
from pisovereign.events.types import Event

MOST_WATCHERS = 128
_PART = 100


class StreamSettings(NamedTuple):
    """How streams of one kind are sent.

    Attributes:
        most_of_one_user: How many of them a user may watch at once, in one process.
        retry_ms: When a client that was cut off comes back.
        heartbeat_s: The longest silence, in seconds.
        last_kinds: The kinds of events that nothing follows.
        missing: The error where there is no such stream.
    """

    most_of_one_user: int
    retry_ms: int
    heartbeat_s: float
    last_kinds: frozenset[str] = frozenset()
    missing: str = "No such stream"


USER_STREAMS = StreamSettings(most_of_one_user=16, retry_ms=2000, heartbeat_s=15.0)


class EventStreams:
    """Opens event streams, as many as one process can serve."""

    def __init__(self, log: EventLog, settings: StreamSettings = USER_STREAMS) -> None:
        self._log = log
        self._settings = settings
        self._limits = ConnectionLimits(MOST_WATCHERS, settings.most_of_one_user)

    async def watch(
        self, user: UUID, after: int | None, *, follow: bool = True, stream: UUID | None = None
    ) -> Subscription:
        """Watch a stream from number `after` on; None: only what is still to come.

        Raises:
            NotFound: the user has no such stream; their own one is always there.
            ServiceUnavailable: too many streams are open, or the database is away.
        """
        with self._limits.take(user) as held:
            last = await self._log.last(user, stream)
            if stream is not None and (last is None or stream == user):
                raise NotFound(self._settings.missing)
            # A number that was never given out comes from before a restored backup.
            begin = min(last or 0, after) if after is not None else last or 0
            position = _Position(self._log, user, stream, begin, self._settings, follow=follow)
            return Subscription(
                position.read,
                wakeups=self._log.wakeups,
                about=stream or user,
                retry_ms=self._settings.retry_ms,
                heartbeat_s=self._settings.heartbeat_s,
                held=held.pop_all(),
            )


class _Position:
    """Where one watcher is in a stream."""

    def __init__(
        self,
        log: EventLog,
        user: UUID,
        stream: UUID | None,
        after: int,
        settings: StreamSettings,
        *,
        follow: bool,
    ) -> None:
        self._log = log
        self._user = user
        self._stream = stream
        self._last = after
        self._last_kinds = settings.last_kinds
        self._follow = follow
        self._asked = False

    async def read(self) -> Batch:
        """Return what follows; in the place of what is gone, or cannot be read, its numbers."""
        events, first = await self._after(self._last, _PART)
        told = []
        if first > self._last + 1:
            told.append(_missed(self._last + 1, first - 1))
        for event in events:
            self._last = event.id
            told.append(_rendered(event))
        more = len(events) == _PART
        return Batch(told, more=more, over=not more and await self._is_over(events))

    async def _is_over(self, events: list[Event]) -> bool:
        first, self._asked = not self._asked, True
        if not self._follow:
            return True
        if not self._last_kinds:
            return False
        if not events and first:
            # Who has seen the last event already is not kept waiting.
            before, _ = await self._after(self._last - 1, 1)
            events = [event for event in before if event.id == self._last]
        return bool(events) and events[-1].kind in self._last_kinds

    async def _after(self, number: int, limit: int) -> tuple[list[Event], int]:
        return await self._log.after(self._user, number, limit, stream=self._stream)


def _rendered(event: Event) -> bytes:
    """Return an event as it is sent; one that cannot be read is missed."""
    if event.data is None:
        return _missed(event.id, event.id)
    return sse.event(event.kind, event.data, identifier=event.id)


def _missed(first: int, last: int) -> bytes:
    """Return that these are not there any more, in their place."""
    return sse.event("missed", {"first": first, "last": last}, identifier=last)


class ConnectionLimits:
    """Counts the streams that are open or about to be.

    Args:
        most: Of all users.
        most_of_one: Of one user.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._of_user: Counter[UUID] = Counter()

    def take(self, user: UUID) -> ExitStack:
        """Take one more place, until what is returned is closed.

        Raises:
            ServiceUnavailable: too many are open.
        """
        if self._of_user[user] >= self._most_of_one or self._of_user.total() >= self._most:
            raise ServiceUnavailable("Too many event streams are open", retry_after=60)
        self._of_user[user] += 1
        held = ExitStack()
        held.callback(self._leave, user)
        return held

    def _leave(self, user: UUID) -> None:
        self._of_user[user] -= 1
        if not self._of_user[user]:
            del self._of_user[user]
