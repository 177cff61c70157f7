"""Messages that came in: stored once, before they are acknowledged, and answered in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from hashlib import blake2b
from typing import cast
from uuid import UUID

import msgspec

from pisovereign.connectors.whatsapp.people import digits
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import NewJob, QueueSettings
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer
from pisovereign.webhooks.whatsapp.incoming import Incoming, Kind

MOST_WAITING = 100
"""Messages of one user that wait to be answered; further ones are noted and ignored."""
_SETTINGS = QueueSettings(
    name="whatsapp_inbox",
    repeats=True,
    ordered=True,
    sealed_as=b"whatsapp_inbox.payload",
    most_waiting=MOST_WAITING,
)
_DAY_S = 86_400.0
_ON_THE_WAY_S = 60.0
_EXCUSED_S = 60.0


class _Payload(msgspec.Struct):
    id: str
    phone: str
    text: str
    media: str = ""


class ReceivedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to be answered now.

    `attempt` counts from 1. `answerable` says whether Meta still lets it be answered.
    """

    id: UUID
    kind: Kind
    attempt: int
    answerable: bool
    meta_id: str
    phone: str
    text: str
    media: str = ""


class Inbox:
    """The queue of messages; each call is part of a transaction of the user.

    Attributes:
        queue: The queue; the subject of a job is the keyed hash of its sender.
    """

    def __init__(self, sealer: Sealer, key: bytes) -> None:
        self.queue = JobQueue(_SETTINGS, sealer)
        self._key = key

    async def add(self, connection: Connection, user: UUID, messages: Sequence[Incoming]) -> None:
        """Store messages of a user, unless they are there."""
        async with connection.pipeline():
            for message in messages:
                await self.queue.add(connection, user, self._job(message))

    async def window_is_open(self, connection: Connection, user: UUID, phone: str) -> bool:
        """Return whether somebody wrote within the last 24 hours, less a minute for the way."""
        sender = self.hash("sender", digits(phone))
        return await self.queue.placed_within(connection, user, sender, _DAY_S - _ON_THE_WAY_S)

    async def was_excused(self, connection: Connection, user: UUID, phone: str, kind: Kind) -> bool:
        """Return whether somebody was told within a minute that a kind is not understood."""
        sender = self.hash("sender", digits(phone))
        return await self.queue.done_within(connection, user, sender, kind, _EXCUSED_S)

    def hash(self, what: str, text: str) -> UUID:
        """Return a keyed hash: it tells nothing without the master key."""
        data = f"{what} {text}".encode(errors="surrogatepass")
        return UUID(bytes=blake2b(data, key=self._key, digest_size=16, person=b"pisov-wa").digest())

    def _job(self, message: Incoming) -> NewJob:
        phone = digits(message.phone)
        payload = _Payload(message.id, phone, message.text, message.media)
        return NewJob(
            id=self.hash("message", message.id),
            kind=message.kind,
            subject=self.hash("sender", phone),
            payload=msgspec.json.encode(payload).decode(),
            position=message.sent_at,
        )


class InboxWindow:
    """The 24 hours after a person's last message, in which Meta delivers free text."""

    def __init__(self, database: Database, inbox: Inbox) -> None:
        self._database = database
        self._inbox = inbox

    async def is_open(self, user: UUID, phone: str) -> bool:
        """Return whether somebody may be written to."""
        async with self._database.transaction(user) as connection:
            return await self._inbox.window_is_open(connection, user, phone)


def read_message(job: ClaimedJob) -> ReceivedMessage:
    """Return the message of a job."""
    payload = msgspec.json.decode(job.payload, type=_Payload)
    assert job.position is not None
    age = dt.datetime.now(dt.UTC) - job.position
    return ReceivedMessage(
        id=job.id,
        kind=cast("Kind", job.kind),
        attempt=job.attempt,
        answerable=age.total_seconds() < _DAY_S,
        meta_id=payload.id,
        phone=payload.phone,
        text=payload.text,
        media=payload.media,
    )
