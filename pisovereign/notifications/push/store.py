"""Subscriptions in PostgreSQL; the owner is in every statement, and where they lead is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import msgspec
from nacl.encoding import RawEncoder
from nacl.hash import blake2b

from pisovereign.errors import SealError
from pisovereign.notifications.push.types import HeldWith, NewSubscription, Reached, Subscription
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_NAMES = UUID("0e0b6a1c-6c0f-4c79-9d0e-3e2f0a7d5b11")
_ADD = """
INSERT INTO push_subscriptions (user_id, id, endpoint_hash, key_id, subscription, session, api_key)
VALUES (%(user)s, %(id)s, %(hash)s, %(key_id)s, %(subscription)s, %(session)s, %(api_key)s)
ON CONFLICT (user_id, id) DO UPDATE
SET key_id = excluded.key_id, subscription = excluded.subscription, session = excluded.session,
    api_key = excluded.api_key
RETURNING created_at, sent_at
"""
_ALL = """
SELECT id, key_id, subscription, created_at, sent_at FROM push_subscriptions
WHERE user_id = %(user)s ORDER BY created_at, id
"""
# Those whose session was ended, or whose key was revoked: nobody there may be told any more.
_DROP_ENDED = """
DELETE FROM push_subscriptions p WHERE user_id = %(user)s AND (
    session IS NOT NULL AND NOT EXISTS (
        SELECT FROM sessions s WHERE s.user_id = %(user)s AND s.id = p.session
        AND s.expires_at > now())
    OR api_key IS NOT NULL AND NOT EXISTS (
        SELECT FROM api_keys k WHERE k.user_id = %(user)s AND k.id = p.api_key
        AND coalesce(k.expires_at > now(), true)))
"""
_COUNT = "SELECT count(*) FROM push_subscriptions WHERE user_id = %(user)s"
_REMOVE = "DELETE FROM push_subscriptions WHERE user_id = %(user)s AND id = ANY(%(ids)s)"
_SENT = """
UPDATE push_subscriptions SET sent_at = now() WHERE user_id = %(user)s AND id = ANY(%(ids)s)
"""


class PushStore:
    """All SQL about subscriptions; each call is part of a transaction of the user.

    Args:
        sealer: Seals where a browser is reached.
        key: Keys the hashes of addresses.
    """

    def __init__(self, sealer: Sealer, key: bytes) -> None:
        self._sealer = sealer
        self._key = key

    async def add(
        self, connection: Connection, user: UUID, new: NewSubscription, held: HeldWith
    ) -> Subscription:
        """Store a subscription; one of the same browser is replaced."""
        digest = blake2b(
            new.endpoint.encode(), key=self._key, person=b"pisovereign-push", encoder=RawEncoder
        )
        identifier = uuid5(_NAMES, f"{user} {digest.hex()}")
        sealed = self._sealer.seal(
            msgspec.json.encode(new).decode(), aad=_binding(user, identifier)
        )
        values = {
            "user": user,
            "id": identifier,
            "hash": digest,
            "key_id": sealed.key_id,
            "subscription": sealed.data,
            **held._asdict(),
        }
        row = await (await connection.execute(_ADD, values)).fetchone()
        assert row is not None
        return Subscription(identifier, _host(new.endpoint), *row)

    async def drop_ended(self, connection: Connection, user: UUID) -> None:
        """Forget browsers whose session or key is no longer there."""
        await connection.execute(_DROP_ENDED, {"user": user})

    async def count(self, connection: Connection, user: UUID) -> int:
        """Return how many browsers a user is told in."""
        row = await (await connection.execute(_COUNT, {"user": user})).fetchone()
        return int(row[0]) if row else 0

    async def list(self, connection: Connection, user: UUID) -> list[Subscription]:
        """Return all subscriptions of a user, the oldest first."""
        rows = await (await connection.execute(_ALL, {"user": user})).fetchall()
        return [
            Subscription(identifier, _host(found.endpoint) if found else "", created_at, sent_at)
            for identifier, key_id, sealed, created_at, sent_at in rows
            for found in [self._open(user, identifier, key_id, sealed)]
        ]

    async def reached(self, connection: Connection, user: UUID) -> Sequence[Reached]:
        """Return how each browser of a user is reached."""
        rows = await (await connection.execute(_ALL, {"user": user})).fetchall()
        return [
            Reached(identifier, new.endpoint, new.keys.p256dh, new.keys.auth, new.language)
            for identifier, key_id, sealed, *_ in rows
            if (new := self._open(user, identifier, key_id, sealed)) is not None
        ]

    async def remove(self, connection: Connection, user: UUID, ids: Sequence[UUID]) -> int:
        """Forget subscriptions; return how many there were."""
        done = await connection.execute(_REMOVE, {"user": user, "ids": list(ids)})
        return done.rowcount

    async def sent(self, connection: Connection, user: UUID, ids: Sequence[UUID]) -> None:
        """Note that these were sent something now."""
        await connection.execute(_SENT, {"user": user, "ids": list(ids)})

    def _open(
        self, user: UUID, identifier: UUID, key_id: str, sealed: bytes
    ) -> NewSubscription | None:
        try:
            text = self._sealer.open(sealed, key_id, _binding(user, identifier))
        except SealError:
            return None  # it can only be removed
        return msgspec.json.decode(text, type=NewSubscription)


def _binding(user: UUID, identifier: UUID) -> bytes:
    return b"push_subscriptions.subscription" + user.bytes + identifier.bytes


def _host(endpoint: str) -> str:
    return urlsplit(endpoint).hostname or ""
