"""The bytes of one watcher's event stream.

Each watcher reads the log at its own pace, so a slow one holds up nobody and nothing is queued for
it; a process that ends, or another one that writes, loses nobody's place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from pisovereign.errors import PiSovereignError, ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.events.wake import Alarms, rang
from pisovereign.http import sse
from pisovereign.http.errors import error_object

MOST_WATCHERS, MOST_OF_ONE_USER = 128, 16
LOOK_S = 1.0  # how often a watcher looks for what another process wrote
HEARTBEAT_S = 15.0
_PART = 100
_BEGIN = b"retry: 2000\n: watching\n\n"
_HEARTBEAT = b": still watching\n\n"


class Watchers:
    """Opens event streams, as many as one process can serve."""

    def __init__(self, log: EventLog, alarms: Alarms) -> None:
        self._log = log
        self._alarms = alarms

    async def watch(self, user: UUID, after: int | None, *, follow: bool) -> EventStream:
        """The user's events that follow number `after`; None: those that are still to come.

        Raises:
            ServiceUnavailable: too many streams are open, or the database is away.
        """
        if self._alarms.waiting(user) >= MOST_OF_ONE_USER or self._alarms.total() >= MOST_WATCHERS:
            raise ServiceUnavailable("Too many event streams are open", retry_after=60)
        last = await self._log.last(user)
        # A number that was never given out comes from before a restored backup.
        begin = last if after is None else min(after, last)
        return EventStream(self._log, self._alarms, user, begin, follow=follow)


class EventStream:
    """One stream; Falcon calls `close` when the response ends in whatever way."""

    def __init__(
        self, log: EventLog, alarms: Alarms, user: UUID, after: int, *, follow: bool
    ) -> None:
        self._log = log
        self._alarms = alarms
        self._user = user
        self._last = after
        self._follow = follow
        self._parts = self._render()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> bytes:
        """The next event or heartbeat."""
        return await anext(self._parts)

    async def close(self) -> None:
        """Stop watching."""
        await self._parts.aclose()

    async def _render(self) -> AsyncGenerator[bytes]:
        """An error is the last event: the client asks again from where it was."""
        with self._alarms.alarm(self._user) as alarm:
            yield _BEGIN
            try:
                async for part in self._watch(alarm):
                    yield part
            except PiSovereignError as error:
                yield sse.event("error", error_object(error))

    async def _watch(self, alarm: asyncio.Event) -> AsyncGenerator[bytes]:
        quiet_s = 0.0
        while True:
            alarm.clear()
            events, first = await self._log.after(self._user, self._last, _PART)
            if first > self._last + 1:
                lost = {"first": self._last + 1, "last": first - 1}
                yield sse.event("missed", lost, identifier=first - 1)
            for event in events:
                self._last = event.id
                yield sse.event(event.kind, event.data, identifier=event.id)
            if len(events) == _PART:
                continue
            if not self._follow or self._alarms.ended:
                return
            quiet_s = 0.0 if events or await rang(alarm, LOOK_S) else quiet_s + LOOK_S
            if quiet_s >= HEARTBEAT_S:
                quiet_s = 0.0
                yield _HEARTBEAT
