"""Messages and presses that came in: stored once, before their service forgets them."""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b
from typing import cast
from uuid import UUID

import msgspec

from pisovereign.connectors.messaging import Incoming, Kind, Messenger, Press
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import NewJob, QueueSettings
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

MOST_WAITING = 100
"""Messages of one user that wait to be answered; further ones are noted and ignored."""
_EXCUSED_S = 60.0
_ON_THE_WAY_S = 60.0


class _Message(msgspec.Struct, omit_defaults=True):
    address: str = ""
    text: str = ""
    recording: str = ""
    size: int = 0
    name: str = ""
    # As messages were written down until version 0.1 that may still wait when it is updated.
    account: int = 0
    file: str = ""
    phone: str = ""
    media: str = ""
    id: str = ""


class _Press(msgspec.Struct):
    press: str
    account: str | int
    message: str | int
    data: str


class ReceivedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to be answered now.

    Attributes:
        id: The id of its job.
        kind: What it is.
        attempt: Which one this is, from 1.
        age_s: How long ago it was written, in seconds.
        address: Whose it is, and where the answer goes.
        text: What was written.
        recording: What names the recording of a voice message.
        size: How many bytes that has, as its sender says.
        name: What names the message at its service.
    """

    id: UUID
    kind: Kind
    attempt: int
    age_s: float
    address: str
    text: str
    recording: str = ""
    size: int = 0
    name: str = ""


class Inbox:
    """The queues of one messenger; each call is part of a transaction of the user.

    Args:
        messenger: Whose messages they are.
        sealer: Seals what was written.
        key: The master key, with which addresses and messages are hashed.

    Attributes:
        messages: What is answered in its order; the subject of a job is its sender's keyed hash.
        presses: What is decided at once.
    """

    def __init__(self, messenger: Messenger, sealer: Sealer, key: bytes) -> None:
        self.messages = JobQueue(_settings(f"{messenger.name}_inbox", ordered=True), sealer)
        self.presses = JobQueue(_settings(f"{messenger.name}_presses", ordered=False), sealer)
        self._hashed_as = messenger.traits.hashed_as
        self._key = key

    async def add(self, connection: Connection, user: UUID, message: Incoming) -> None:
        """Store a message, unless it is there."""
        payload = _Message(
            address=message.address,
            text=message.text if message.kind == "text" else "",
            recording=message.recording,
            size=message.size,
            name=message.id,
        )
        job = NewJob(
            id=self.hash("message", message.id),
            kind=message.kind,
            subject=self.hash("sender", message.address),
            payload=msgspec.json.encode(payload).decode(),
            position=message.sent_at,
        )
        await self.messages.add(connection, user, job)

    async def add_press(self, connection: Connection, user: UUID, press: Press) -> None:
        """Store a press, unless it is there."""
        payload = _Press(press.id, press.address, press.message, press.data)
        job = NewJob(id=self.hash("press", press.id), payload=msgspec.json.encode(payload).decode())
        await self.presses.add(connection, user, job)

    async def was_excused(
        self, connection: Connection, user: UUID, address: str, kind: Kind
    ) -> bool:
        """Return whether somebody was told within a minute that a kind is not understood."""
        sender = self.hash("sender", address)
        return await self.messages.done_within(connection, user, sender, kind, _EXCUSED_S)

    def hash(self, what: str, text: str) -> UUID:
        """Return a keyed hash: it tells nothing without the master key."""
        data = f"{what} {text}".encode(errors="surrogatepass")
        digest = blake2b(data, key=self._key, digest_size=16, person=self._hashed_as)
        return UUID(bytes=digest.digest())


class Window:
    """The time after somebody's last message in which they may be written to.

    Args:
        database: Where messages are.
        inbox: Whose they are.
        window_s: How long it is, in seconds; None: without an end.
    """

    def __init__(self, database: Database, inbox: Inbox, window_s: float | None) -> None:
        self._database = database
        self._inbox = inbox
        self._window_s = window_s

    async def is_open(self, user: UUID, address: str) -> bool:
        """Return whether somebody wrote within it, less a minute for the way.

        Raises:
            ServiceUnavailable: The database is away.
        """
        if self._window_s is None:
            return True
        sender = self._inbox.hash("sender", address)
        within_s = self._window_s - _ON_THE_WAY_S
        async with self._database.transaction(user) as connection:
            return await self._inbox.messages.placed_within(connection, user, sender, within_s)


def read_message(job: ClaimedJob) -> ReceivedMessage:
    """Return the message of a job."""
    payload = msgspec.json.decode(job.payload, type=_Message)
    assert job.position is not None
    return ReceivedMessage(
        id=job.id,
        kind=cast("Kind", job.kind),
        attempt=job.attempt,
        age_s=(dt.datetime.now(dt.UTC) - job.position).total_seconds(),
        address=payload.address or payload.phone or str(payload.account),
        text=payload.text,
        recording=payload.recording or payload.file or payload.media,
        size=payload.size,
        name=payload.name or payload.id,
    )


def read_press(job: ClaimedJob) -> Press:
    """Return the press of a job."""
    payload = msgspec.json.decode(job.payload, type=_Press)
    return Press(
        id=payload.press,
        address=str(payload.account),
        message=str(payload.message),
        data=payload.data,
    )


def _settings(name: str, *, ordered: bool) -> QueueSettings:
    return QueueSettings(
        name=name,
        repeats=True,
        ordered=ordered,
        sealed_as=f"{name}.payload".encode(),
        most_waiting=MOST_WAITING,
    )
