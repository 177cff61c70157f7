"""Tells people that something happened: as an event, in a browser, by mail, by messengers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from pisovereign.connectors.sending import About, SendingChannel
from pisovereign.connectors.splitting import split
from pisovereign.events.log import EventLog
from pisovereign.events.types import EventKind
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.notifications.outbox import Outbox
from pisovereign.notifications.sender import Sender
from pisovereign.notifications.types import Delivery, NewMessage, Way
from pisovereign.storage.pool import Connection, Database

_IDLE_S = 30.0  # how often is looked for what another process stored before it ended
_GRACE_S = 10.0  # beyond a channel's own limit: to note the outcome


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a user is told.

    Attributes:
        ways: How.
        about: What kind of thing it is about.
        subject: The id of that thing.
        number: Tells several notifications about it apart; each is sent once.
        text: What messages say.
        event: The event's kind.
        data: The event's data, to be written as a JSON object.
    """

    ways: Sequence[Way]
    about: About
    subject: UUID
    number: int = 0
    text: str
    event: EventKind
    data: Any


class Reach(Protocol):
    """Knows who can be reached by a way that each user asks for by themselves."""

    async def reaches(self, connection: Connection, user: UUID) -> bool:
        """Return whether a user can be, in a transaction of theirs."""
        ...


class NotificationService:
    """Stores what people are told, in the transaction that causes it, and sends it afterwards.

    Each call is part of a transaction of the user. An event is its own delivery; what leaves the
    machine goes through the outbox.

    Args:
        outbox: What is to be sent.
        channels: The ways of sending that there are; not each is set up for everybody.
        database: Where all of it is stored.
        events: The log that programs watch.
        users: Whose messages are sent.
        browsers: Who is told by `push`; others are not, whatever a setting says.

    Attributes:
        workers: What sends, to be run in the background.
    """

    def __init__(
        self,
        outbox: Outbox,
        channels: Sequence[SendingChannel],
        *,
        database: Database,
        events: EventLog,
        users: Sequence[UUID],
        browsers: Reach | None = None,
    ) -> None:
        self._outbox = outbox
        self._browsers = browsers
        self._database = database
        self._events = events
        self._workers = {
            channel.name: Worker(
                outbox.queues[channel.name],
                database,
                Sender(channel, events),
                users,
                timing=_timing(channel),
                failure=f"{channel.name} messages wait",
            )
            for channel in channels
        }
        self._longest = {channel.name: channel.longest for channel in channels}
        self.workers = list(self._workers.values())

    async def notify(self, connection: Connection, user: UUID, told: Notification) -> None:
        """Tell a user something, in each of the ways."""
        for way in told.ways:
            if way == "events" or not await self.wants(connection, user, way):
                continue
            longest = self._longest.get(way)
            parts = [told.text] if longest is None else split(told.text, longest)
            for number, text in enumerate(parts, told.number):
                message = NewMessage(
                    channel=way,
                    about=told.about,
                    subject=told.subject,
                    number=number,
                    text=text,
                )
                await self.send(connection, user, message)
        if "events" in told.ways:
            await self._events.append(connection, user, told.event, told.subject, told.data)

    async def wants(self, connection: Connection, user: UUID, way: Way) -> bool:
        """Return whether a user asked to be told in a way that each asks for by themselves."""
        if way != "push":
            return True
        return self._browsers is not None and await self._browsers.reaches(connection, user)

    async def send(self, connection: Connection, user: UUID, message: NewMessage) -> None:
        """Send a message once the transaction is committed."""
        await self._outbox.add(connection, user, message)
        if worker := self._workers.get(message.channel):
            self._database.when_committed(connection, worker.wake)

    async def publish(
        self, connection: Connection, user: UUID, kind: EventKind, subject: UUID, data: Any
    ) -> None:
        """Let open pages and programs know of a change that nobody has to be told of."""
        await self._events.append(connection, user, kind, subject, data)

    async def withdraw(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Do not send what was not sent yet about something."""
        await self._outbox.withdraw(connection, user, subject)

    async def forget(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete everything that was told about something."""
        await self._outbox.forget(connection, user, subject)
        await self._events.forget(connection, user, subject)

    async def deliveries(
        self, connection: Connection, user: UUID, subjects: Sequence[UUID]
    ) -> dict[UUID, list[Delivery]]:
        """Return how the last message about each of some things got on, by channel."""
        return await self._outbox.deliveries(connection, user, subjects)


def _timing(channel: SendingChannel) -> Timing:
    return Timing(channel.limit_s + _GRACE_S, idle_s=_IDLE_S, ending_s=channel.limit_s)
