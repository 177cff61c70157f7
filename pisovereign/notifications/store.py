"""The outbox in PostgreSQL; what is to be sent is sealed, and deleted once that is settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from pisovereign.notifications.types import (
    Channel,
    Delivery,
    DeliveryFailed,
    NewMessage,
    Outgoing,
    State,
)
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer, SealError

_ADD = """
INSERT INTO outbox (user_id, id, channel, about, subject, number, key_id, payload, expires_at)
VALUES (%(user)s, %(id)s, %(channel)s, %(about)s, %(subject)s, %(number)s, %(key)s, %(payload)s,
        now() + make_interval(secs => %(expires)s))
ON CONFLICT DO NOTHING
"""
_WITHDRAW = """
DELETE FROM outbox WHERE user_id = %(user)s AND subject = %(subject)s AND state = 'waiting'
"""
_FORGET = "DELETE FROM outbox WHERE user_id = %(user)s AND subject = %(subject)s"
_CLEAN = """
DELETE FROM outbox WHERE user_id = %(user)s AND settled_at < now() - interval '30 days'
"""
# Whoever was sending these has ended, or takes longer than it may.
_GIVE_UP = """
UPDATE outbox
SET state = CASE state WHEN 'sending' THEN 'uncertain' ELSE 'failed' END,
    error = CASE state WHEN 'sending' THEN %(unknown)s ELSE coalesce(error, %(late)s) END,
    payload = NULL, settled_at = now()
WHERE user_id = %(user)s AND channel = %(channel)s
  AND (state = 'sending' AND lease_until <= now() OR state = 'waiting' AND expires_at <= now())
RETURNING channel, about, subject, state, error
"""
_UNKNOWN = "The program ended while it was sending"
_LATE = "It could not be sent in time"
# Locked, so that one process at a time decides; and in order, so that nothing overtakes.
_HEAD = """
SELECT id, about, subject, state, key_id, payload, tries,
       extract(epoch FROM coalesce(lease_until, ready_at) - clock_timestamp())::float8
FROM outbox
WHERE user_id = %(user)s AND channel = %(channel)s AND state IN ('waiting', 'sending')
ORDER BY seq LIMIT 1 FOR UPDATE
"""
_TAKE = """
UPDATE outbox
SET state = 'sending', tries = tries + 1, lease_until = now() + make_interval(secs => %(lease)s)
WHERE user_id = %(user)s AND id = %(id)s
"""
# One whose lease ran out while it was being sent was told as uncertain; now it is known.
_SETTLE = """
UPDATE outbox
SET state = %(state)s, error = %(error)s, payload = NULL, settled_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND state IN ('sending', 'uncertain')
RETURNING id
"""
_AGAIN = """
UPDATE outbox
SET state = 'waiting', lease_until = NULL, error = %(error)s,
    ready_at = now() + make_interval(secs => %(after)s)
WHERE user_id = %(user)s AND id = %(id)s AND state = 'sending'
"""
_DELIVERIES = """
SELECT DISTINCT ON (subject, channel) subject, channel, state, coalesce(settled_at, created_at),
       error
FROM outbox WHERE user_id = %(user)s AND subject = ANY(%(subjects)s)
ORDER BY subject, channel, number DESC
"""


class _Payload(msgspec.Struct):
    to: str
    text: str


class Head(NamedTuple):
    """The oldest message that is not settled: to be sent now, or something to wait for."""

    message: Outgoing | None
    wait_s: float


class OutboxStore:
    """All SQL about the outbox; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def add(self, connection: Connection, user: UUID, message: NewMessage) -> None:
        """Store a message to be sent, unless it was stored before."""
        identifier = uuid5(message.subject, f"{message.channel} {message.number}")
        text = msgspec.json.encode(_Payload(message.to, message.text)).decode()
        sealed = self._sealer.seal(text, aad=_binding(user, identifier))
        values = {
            "user": user,
            "id": identifier,
            "channel": message.channel,
            "about": message.about,
            "subject": message.subject,
            "number": message.number,
            "key": sealed.key_id,
            "payload": sealed.data,
            "expires": message.expires_s,
        }
        await connection.execute(_ADD, values)

    async def withdraw(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Do not send what waits to be sent about something."""
        await connection.execute(_WITHDRAW, {"user": user, "subject": subject})

    async def forget(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete everything about something."""
        await connection.execute(_FORGET, {"user": user, "subject": subject})

    async def give_up(
        self, connection: Connection, user: UUID, channel: Channel
    ) -> list[DeliveryFailed]:
        """Settle what was being sent by a process that ended, and what is too late."""
        await connection.execute(_CLEAN, {"user": user})
        values = {"user": user, "channel": channel, "unknown": _UNKNOWN, "late": _LATE}
        rows = await (await connection.execute(_GIVE_UP, values)).fetchall()
        return [
            DeliveryFailed(
                channel=row[0], about=row[1], subject=row[2], status=row[3], error=row[4]
            )
            for row in rows
        ]

    async def take(
        self, connection: Connection, user: UUID, channel: Channel, lease_s: float
    ) -> Head | None:
        """The oldest message, marked as being sent if its time has come; None: there is none."""
        values: dict[str, Any] = {"user": user, "channel": channel, "lease": lease_s}
        row = await (await connection.execute(_HEAD, values)).fetchone()
        if row is None:
            return None
        identifier, about, subject, state, key_id, sealed, tries, wait_s = row
        if state == "sending" or wait_s > 0:
            return Head(None, wait_s)
        await connection.execute(_TAKE, values | {"id": identifier})
        try:
            text = self._sealer.open(bytes(sealed), key_id, _binding(user, identifier))
        except SealError as broken:  # it cannot be sent, and must not keep others waiting
            await self.settle(connection, user, identifier, "failed", broken.message)
            return Head(None, 0.0)
        payload = msgspec.json.decode(text, type=_Payload)
        message = Outgoing(
            id=identifier,
            about=about,
            subject=subject,
            to=payload.to,
            text=payload.text,
            tries=tries + 1,
        )
        return Head(message, 0.0)

    async def settle(
        self, connection: Connection, user: UUID, message: UUID, state: State, error: str | None
    ) -> bool:
        """Note how sending ended; False when the message is no longer there."""
        values = {"user": user, "id": message, "state": state, "error": error}
        row = await (await connection.execute(_SETTLE, values)).fetchone()
        return row is not None

    async def again(
        self, connection: Connection, user: UUID, message: UUID, after_s: float, error: str
    ) -> None:
        """Try once more, later."""
        values = {"user": user, "id": message, "after": after_s, "error": error}
        await connection.execute(_AGAIN, values)

    async def deliveries(
        self, connection: Connection, user: UUID, subjects: Sequence[UUID]
    ) -> dict[UUID, list[Delivery]]:
        """How the last message about each of some things got on, by channel."""
        values = {"user": user, "subjects": list(subjects)}
        found: dict[UUID, list[Delivery]] = {}
        for subject, channel, state, at, error in await (
            await connection.execute(_DELIVERIES, values)
        ).fetchall():
            found.setdefault(subject, []).append(_delivery(channel, state, at, error))
        return found


def _delivery(channel: Channel, state: State, at: dt.datetime, error: str | None) -> Delivery:
    return Delivery(channel=channel, status=state, at=at, error=error)


def _binding(user: UUID, message: UUID) -> bytes:
    return b"outbox.payload" + message.bytes + user.bytes
