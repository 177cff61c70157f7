"""Messages and presses that came in: stored once, before Telegram forgets them."""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b
from typing import Literal, cast
from uuid import UUID

import msgspec

from pisovereign.connectors.telegram.types import Message, Press
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import NewJob, QueueSettings
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

Kind = Literal["text", "voice", "forwarded", "other", "linked"]
MOST_WAITING = 100
"""Messages of one user that wait to be answered; further ones are noted and ignored."""
LONGEST_TEXT = 10_000
_MOST_DATA = 64  # bytes that a button carries
_MESSAGES = QueueSettings(
    name="telegram_inbox",
    repeats=True,
    ordered=True,
    sealed_as=b"telegram_inbox.payload",
    most_waiting=MOST_WAITING,
)
_PRESSES = QueueSettings(
    name="telegram_presses",
    repeats=True,
    ordered=False,
    sealed_as=b"telegram_presses.payload",
    most_waiting=MOST_WAITING,
)


class _Message(msgspec.Struct):
    account: int
    text: str
    file: str = ""
    size: int = 0


class ReceivedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to be answered now; `attempt` counts from 1.

    `file` is a voice message's, of `size` bytes as its sender says.
    """

    id: UUID
    kind: Kind
    attempt: int
    account: int
    text: str
    file: str
    size: int


class ReceivedPress(msgspec.Struct, frozen=True, kw_only=True):
    """A press that is to be dealt with; `message` is the one that the button is below."""

    press: str
    account: int
    message: int
    data: str


class Inbox:
    """The queues; each call is part of a transaction of the user.

    Args:
        sealer: Seals what was written.
        key: The master key, with which numbers of accounts and updates are hashed.

    Attributes:
        messages: What is answered in its order.
        presses: What is decided at once.
    """

    def __init__(self, sealer: Sealer, key: bytes) -> None:
        self.messages = JobQueue(_MESSAGES, sealer)
        self.presses = JobQueue(_PRESSES, sealer)
        self._key = key

    async def add_message(
        self, connection: Connection, user: UUID, update: str, message: Message
    ) -> None:
        """Store a message, unless it is there; `update` names what brought it."""
        kind = _kind_of(message)
        voice = message.voice if kind == "voice" else None
        payload = _Message(
            message.chat.id,
            message.text.replace("\0", "")[:LONGEST_TEXT] if kind == "text" else "",
            voice.file_id if voice else "",
            voice.file_size if voice else 0,
        )
        await self.messages.add(connection, user, self._job(update, kind, payload, message.date))

    async def add_linked(
        self, connection: Connection, user: UUID, update: str, message: Message
    ) -> None:
        """Store that a user has linked an account, to be told there."""
        payload = _Message(message.chat.id, "")
        job = self._job(update, "linked", payload, message.date)
        await self.messages.add(connection, user, job)

    async def add_press(
        self, connection: Connection, user: UUID, update: str, press: Press
    ) -> None:
        """Store a press, unless it is there."""
        assert press.message is not None
        payload = ReceivedPress(
            press=press.id,
            account=press.sender.id,
            message=press.message.message_id,
            data=press.data[:_MOST_DATA],
        )
        job = NewJob(id=self.hash("update", update), payload=msgspec.json.encode(payload).decode())
        await self.presses.add(connection, user, job)

    def hash(self, what: str, text: str) -> UUID:
        """Return a keyed hash: it tells nothing without the master key."""
        data = f"{what} {text}".encode(errors="surrogatepass")
        return UUID(bytes=blake2b(data, key=self._key, digest_size=16, person=b"pisov-tg").digest())

    def _job(self, update: str, kind: Kind, payload: _Message, date: int) -> NewJob:
        return NewJob(
            id=self.hash("update", update),
            kind=kind,
            subject=self.hash("sender", str(payload.account)),
            payload=msgspec.json.encode(payload).decode(),
            position=_moment(date),
        )


def read_message(job: ClaimedJob) -> ReceivedMessage:
    """Return the message of a job."""
    payload = msgspec.json.decode(job.payload, type=_Message)
    return ReceivedMessage(
        id=job.id,
        kind=cast("Kind", job.kind),
        attempt=job.attempt,
        account=payload.account,
        text=payload.text,
        file=payload.file,
        size=payload.size,
    )


def read_press(job: ClaimedJob) -> ReceivedPress:
    """Return the press of a job."""
    return msgspec.json.decode(job.payload, type=ReceivedPress)


def _kind_of(message: Message) -> Kind:
    if message.forward_origin is not None or message.via_bot is not None:
        return "forwarded"  # somebody else's words are not the user's
    if message.text.strip():
        return "text"
    return "voice" if message.voice else "other"


def _moment(seconds: int) -> dt.datetime:
    """Telegram's time, in seconds since 1970; never later than now."""
    now = dt.datetime.now(dt.UTC)
    if not 0 < seconds < now.timestamp():
        return now
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
