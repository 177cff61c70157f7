"""Sends what is in the outbox, one message after the other.

Most servers cannot be asked whether a message arrived before. So that none is sent twice, it is
marked as being sent, with a time limit, before anything leaves. A message whose sender ended in
between is never sent again: it is reported as uncertain. Only after an answer that says that it was
not taken, or a connection that was never made, it is tried once more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from pisovereign.errors import PiSovereignError, ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.events.wakeups import Wakeups
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.logs import log_unexpected
from pisovereign.notifications.channel import MaybeSent, NotSent, SendingChannel
from pisovereign.notifications.store import OutboxStore
from pisovereign.notifications.types import DeliveryFailed, Outgoing, State
from pisovereign.storage.pool import Connection, Database

_log = logging.getLogger(__name__)
_IDLE_S = 30.0  # how often is looked for what another process stored before it ended
_GRACE_S = 10.0  # beyond a channel's own limit: to note the outcome
_LEAST_S, _MOST_S = 5.0, 300.0  # pauses between two tries of one message
_NOTES = 10  # tries to note an outcome, one a second


class Sender:
    """The sending of one channel, for each user on its own: nobody waits for another one's.

    Args:
        channel: The way of sending.
        database: Where the outbox is.
        store: Its SQL.
        events: Where failures are told.
        wakeups: Wakes those who watch the events.
        users: Whose messages are sent.
    """

    def __init__(
        self,
        *,
        channel: SendingChannel,
        database: Database,
        store: OutboxStore,
        events: EventLog,
        wakeups: Wakeups,
        users: Sequence[UUID],
    ) -> None:
        self._channel = channel
        self._database = database
        self._store = store
        self._events = events
        self._wakeups = wakeups
        self._lease_s = channel.limit_s + _GRACE_S
        self._rounds = {
            user: PeriodicTask(
                partial(self._round, user),
                f"{channel.name} messages wait",
                longest_s=_IDLE_S,
                ending_s=channel.limit_s,
            )
            for user in users
        }

    def start(self) -> None:
        """Begin, on the running loop."""
        for rounds in self._rounds.values():
            rounds.start()

    async def stop(self) -> None:
        """End; what is being sent may come to its end."""
        await asyncio.gather(*(rounds.stop() for rounds in self._rounds.values()))

    def look(self, user: UUID) -> None:
        """Send now: a message was stored."""
        if rounds := self._rounds.get(user):
            rounds.look()

    async def _round(self, user: UUID) -> float:
        while not self._rounds[user].ending:
            message, pause_s = await self._take(user)
            if message is None:
                return pause_s
            await self._send(user, message)
        return _IDLE_S

    async def _take(self, user: UUID) -> tuple[Outgoing | None, float]:
        async with self._database.transaction(user) as connection:
            lost = await self._store.give_up(connection, user, self._channel.name)
            head = await self._store.take(connection, user, self._channel.name, self._lease_s)
            for failed in lost:
                await self._tell(connection, user, failed)
        if lost:
            self._wakeups.wake(user)
        if head is None:
            return None, _IDLE_S
        return head.message, min(max(head.wait_s, 0.0), _IDLE_S)

    async def _send(self, user: UUID, message: Outgoing) -> None:
        try:
            async with asyncio.timeout(self._channel.limit_s):
                await self._channel.send(user, message)
        except NotSent as error:
            if error.again_s is None:
                await self._settle(user, message, "failed", error.reason)
            else:
                pause_s = max(error.again_s, min(_LEAST_S * 2 ** (message.tries - 1), _MOST_S))
                await self._again(user, message, pause_s, error.reason)
        except (MaybeSent, PiSovereignError, TimeoutError) as error:
            await self._settle(user, message, "uncertain", _reason(error))
        except Exception as error:  # noqa: BLE001 - the edge: one message must not hold up the others
            log_unexpected(error)
            await self._settle(user, message, "uncertain", "An unexpected error occurred")
        else:
            await self._settle(user, message, "sent", None)

    async def _settle(self, user: UUID, message: Outgoing, state: State, error: str | None) -> None:
        async def note(connection: Connection) -> None:
            there = await self._store.settle(connection, user, message.id, state, error)
            if there and state in ("failed", "uncertain"):
                failed = DeliveryFailed(
                    channel=self._channel.name,
                    about=message.about,
                    subject=message.subject,
                    status=state,
                    error=error or "",
                )
                await self._tell(connection, user, failed)

        await self._note(user, note)
        self._wakeups.wake(user)

    async def _again(self, user: UUID, message: Outgoing, pause_s: float, error: str) -> None:
        async def note(connection: Connection) -> None:
            await self._store.again(connection, user, message.id, pause_s, error)

        _log.info("a %s message waits: %s", self._channel.name, error)
        await self._note(user, note)

    async def _note(self, user: UUID, note: Callable[[Connection], Awaitable[None]]) -> None:
        """Note an outcome, also if the database is away for a moment."""
        for left in reversed(range(_NOTES)):
            try:
                async with self._database.transaction(user) as connection:
                    await note(connection)
            except ServiceUnavailable:
                if not left:
                    raise
                await asyncio.sleep(1)
            else:
                return

    async def _tell(self, connection: Connection, user: UUID, failed: DeliveryFailed) -> None:
        await self._events.append(connection, user, "delivery_failed", failed.subject, failed)


def _reason(error: MaybeSent | PiSovereignError | TimeoutError) -> str:
    match error:
        case MaybeSent():
            return error.reason
        case PiSovereignError():
            return error.message
        case _:
            return "The other server did not answer in time"
