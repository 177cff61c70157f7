"""Messages that came in, in PostgreSQL, sealed; a message is stored and answered once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.integrations.whatsapp.people import digits
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer, SealError
from pisovereign.webhooks.whatsapp.incoming import Incoming, Kind

MOST_WAITING = 100
"""Messages of one user that wait to be answered; further ones are noted and ignored."""
_ADD = """
INSERT INTO whatsapp_inbox
    (user_id, id, sender, kind, key_id, payload, sent_at, state, settled_at)
SELECT %(user)s, %(id)s, %(sender)s, %(kind)s, %(key)s,
       CASE WHEN room THEN %(payload)s::bytea END, %(sent_at)s,
       CASE WHEN room THEN 'waiting' ELSE 'ignored' END,
       CASE WHEN room THEN NULL ELSE now() END
FROM (
    SELECT count(*) < %(most)s AS room FROM whatsapp_inbox
    WHERE user_id = %(user)s AND state IN ('waiting', 'answering')
) waiting
ON CONFLICT DO NOTHING
"""
_CLEAN = """
DELETE FROM whatsapp_inbox
WHERE user_id = %(user)s AND settled_at < now() - interval '30 days'
"""
# One at a time: what somebody writes is answered in its order. Whoever was answering and has not
# said for a while that it still does, has ended.
_HEAD = """
SELECT id, kind, state, key_id, payload, attempt, sent_at > now() - interval '24 hours',
       extract(epoch FROM
           CASE state WHEN 'answering' THEN lease_until ELSE ready_at END - clock_timestamp()
       )::float8
FROM whatsapp_inbox WHERE user_id = %(user)s AND state IN ('waiting', 'answering')
ORDER BY state, sent_at, seq LIMIT 1 FOR UPDATE
"""
_TAKE = """
UPDATE whatsapp_inbox
SET state = 'answering', attempt = attempt + 1,
    lease_until = now() + make_interval(secs => %(lease)s)
WHERE user_id = %(user)s AND id = %(id)s
"""
_KEEP = """
UPDATE whatsapp_inbox SET lease_until = now() + make_interval(secs => %(lease)s)
WHERE user_id = %(user)s AND id = %(id)s AND state = 'answering' AND attempt = %(attempt)s
"""
_SETTLE = """
UPDATE whatsapp_inbox SET state = %(state)s, payload = NULL, settled_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND state = 'answering' AND attempt = %(attempt)s
"""
_RELEASE = """
UPDATE whatsapp_inbox
SET state = 'waiting', lease_until = NULL, ready_at = now() + make_interval(secs => %(after)s)
WHERE user_id = %(user)s AND id = %(id)s AND state = 'answering' AND attempt = %(attempt)s
"""
_WINDOW = """
SELECT coalesce(max(sent_at) > now() - interval '23 hours 59 minutes', false)
FROM whatsapp_inbox WHERE user_id = %(user)s AND sender = %(sender)s
"""
_EXCUSED = """
SELECT EXISTS (
    SELECT FROM whatsapp_inbox
    WHERE user_id = %(user)s AND sender = %(sender)s AND kind = 'other' AND state = 'answered'
      AND settled_at > now() - interval '1 minute'
)
"""


class _Payload(msgspec.Struct):
    id: str
    phone: str
    text: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
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


class Head(NamedTuple):
    """The oldest message that is not settled: to be answered now, or something to wait for."""

    message: Taken | None
    wait_s: float


class Inbox:
    """All SQL about messages that came in; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer, key: bytes) -> None:
        self._sealer = sealer
        self._key = key

    async def add(self, connection: Connection, user: UUID, messages: Sequence[Incoming]) -> None:
        """Store messages of a user, unless they are there."""
        async with connection.pipeline():
            for message in messages:
                await connection.execute(_ADD, self._row(user, message))

    async def take(self, connection: Connection, user: UUID, lease_s: float) -> Head | None:
        """The oldest message, marked as being answered if its time has come; None: none is."""
        values: dict[str, Any] = {"user": user, "lease": lease_s}
        await connection.execute(_CLEAN, values)
        row = await (await connection.execute(_HEAD, values)).fetchone()
        if row is None:
            return None
        identifier, kind, _, key_id, sealed, attempt, answerable, wait_s = row
        if wait_s > 0:
            return Head(None, wait_s)
        await connection.execute(_TAKE, values | {"id": identifier})
        try:
            text = self._sealer.open(bytes(sealed), key_id, _binding(user, identifier))
        except SealError:  # it cannot be answered, and must not keep others waiting
            broken = {"user": user, "id": identifier, "attempt": attempt + 1, "state": "failed"}
            await connection.execute(_SETTLE, broken)
            return Head(None, 0.0)
        payload = msgspec.json.decode(text, type=_Payload)
        taken = Taken(
            id=identifier,
            kind=kind,
            attempt=attempt + 1,
            answerable=answerable,
            meta_id=payload.id,
            phone=payload.phone,
            text=payload.text,
        )
        return Head(taken, 0.0)

    async def keep(
        self, connection: Connection, user: UUID, message: Taken, lease_s: float
    ) -> None:
        """Say that the message is still being answered."""
        await connection.execute(_KEEP, _mine(user, message) | {"lease": lease_s})

    async def settle(self, connection: Connection, user: UUID, message: Taken, state: str) -> bool:
        """Note that the message was dealt with; False when somebody else has taken it over."""
        cursor = await connection.execute(_SETTLE, _mine(user, message) | {"state": state})
        return cursor.rowcount > 0

    async def release(
        self, connection: Connection, user: UUID, message: Taken, after_s: float
    ) -> None:
        """Answer it later."""
        await connection.execute(_RELEASE, _mine(user, message) | {"after": after_s})

    async def window_is_open(self, connection: Connection, user: UUID, phone: str) -> bool:
        """Whether somebody wrote within the last 24 hours, less a minute for the way."""
        values = {"user": user, "sender": self.hash("sender", digits(phone))}
        row = await (await connection.execute(_WINDOW, values)).fetchone()
        return bool(row and row[0])

    async def was_excused(self, connection: Connection, user: UUID, phone: str) -> bool:
        """Whether somebody was told within a minute that only text is understood."""
        values = {"user": user, "sender": self.hash("sender", digits(phone))}
        row = await (await connection.execute(_EXCUSED, values)).fetchone()
        return bool(row and row[0])

    def hash(self, what: str, text: str) -> UUID:
        """A keyed hash: it tells nothing without the master key."""
        data = f"{what} {text}".encode(errors="surrogatepass")
        return UUID(bytes=blake2b(data, key=self._key, digest_size=16, person=b"pisov-wa").digest())

    def _row(self, user: UUID, message: Incoming) -> dict[str, Any]:
        identifier = self.hash("message", message.id)
        phone = digits(message.phone)
        text = msgspec.json.encode(_Payload(message.id, phone, message.text)).decode()
        sealed = self._sealer.seal(text, aad=_binding(user, identifier))
        return {
            "user": user,
            "id": identifier,
            "sender": self.hash("sender", phone),
            "kind": message.kind,
            "key": sealed.key_id,
            "payload": sealed.data,
            "sent_at": message.sent_at,
            "most": MOST_WAITING,
        }


def _mine(user: UUID, message: Taken) -> dict[str, Any]:
    return {"user": user, "id": message.id, "attempt": message.attempt}


def _binding(user: UUID, message: UUID) -> bytes:
    return b"whatsapp_inbox.payload" + message.bytes + user.bytes
