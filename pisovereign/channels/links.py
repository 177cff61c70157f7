"""Linked accounts at a messenger: by a code that was shown to a person, and used once.

What may be done from an account is never more than what its person may do now, nor more than what
whoever made the code could.
"""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg.errors import UniqueViolation

from pisovereign.accounts.grants import Grants
from pisovereign.channels.directory import BECOME
from pisovereign.config import Scope
from pisovereign.connectors.messaging import Incoming
from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

CODE_LIFE = dt.timedelta(minutes=10)
_SHOW = "SELECT set_config('pisovereign.secret', %s, true)"
_COLUMNS = """
SELECT l.user_id, l.scopes, l.configured_key, p.role, p.state, l.key_id, l.account, l.linked_at
FROM channel_links l LEFT JOIN people p ON p.id = l.user_id"""
_OF_SECRET = f"{_COLUMNS} WHERE l.channel = %(channel)s AND l.secret = %(secret)s"
_OF_USER = f"{_COLUMNS} WHERE l.channel = %(channel)s AND l.user_id = %(user)s"
_LINK = """
INSERT INTO channel_links (user_id, channel, secret, key_id, account, scopes, configured_key)
VALUES (%(user)s, %(channel)s, %(secret)s, %(key)s, %(account)s, %(scopes)s, %(configured_key)s)
ON CONFLICT (user_id, channel) DO UPDATE SET secret = excluded.secret, key_id = excluded.key_id,
    account = excluded.account, scopes = excluded.scopes,
    configured_key = excluded.configured_key, linked_at = now()
"""
_UNLINK = "DELETE FROM channel_links WHERE user_id = %(user)s AND channel = %(channel)s"
_ADD_CODE = """
INSERT INTO channel_codes (user_id, channel, secret, scopes, configured_key, expires_at)
VALUES (%(user)s, %(channel)s, %(secret)s, %(scopes)s, %(configured_key)s,
    now() + %(life)s::interval)
ON CONFLICT (user_id, channel) DO UPDATE SET secret = excluded.secret, scopes = excluded.scopes,
    configured_key = excluded.configured_key, expires_at = excluded.expires_at
RETURNING expires_at
"""
_CODE_OF = "SELECT user_id FROM channel_codes WHERE channel = %(channel)s AND secret = %(secret)s"
_USE_CODE = """
DELETE FROM channel_codes
WHERE user_id = %(user)s AND channel = %(channel)s AND secret = %(secret)s
RETURNING scopes, configured_key, expires_at > now()
"""


class Link(NamedTuple):
    """An account that is linked.

    Attributes:
        user: Whose it is.
        address: What it is known by there.
        name: What it is called there.
        scopes: What may be done from it now; empty: nothing, as if it was not linked.
        linked_at: Since when.
    """

    user: UUID
    address: str
    name: str
    scopes: frozenset[Scope]
    linked_at: dt.datetime


class _Account(msgspec.Struct):
    id: int | str
    name: str


class LinkStore:
    """SQL of links and codes.

    Args:
        channel: The name of the messenger.
        sealer: Seals accounts.
        key: The master key: of accounts and codes only keyed hashes are looked for.
        grants: What people may do.
    """

    def __init__(self, channel: str, sealer: Sealer, key: bytes, grants: Grants) -> None:
        self._channel = channel
        self._sealer = sealer
        self._key = key
        self._grants = grants

    async def of_address(self, connection: Connection, address: str) -> Link | None:
        """Return whose account this is, in a transaction of nobody; None: it is not linked."""
        secret = self._hash("account", address)
        await connection.execute(_SHOW, (secret.hex(),))
        cursor = await connection.execute(_OF_SECRET, {"channel": self._channel, "secret": secret})
        return self._link(await cursor.fetchone())

    async def of_user(self, connection: Connection, user: UUID) -> Link | None:
        """Return the account of a user, in a transaction of theirs; None: none is linked."""
        cursor = await connection.execute(_OF_USER, {"channel": self._channel, "user": user})
        return self._link(await cursor.fetchone())

    async def add_code(
        self,
        connection: Connection,
        user: UUID,
        code: str,
        scopes: frozenset[Scope],
        configured_key: bytes | None,
    ) -> dt.datetime:
        """Store a code in a transaction of the user, in the place of an earlier one."""
        values = {
            "user": user,
            "channel": self._channel,
            "secret": self._code_hash(code),
            "scopes": sorted(scopes),
            "configured_key": configured_key,
            "life": CODE_LIFE,
        }
        row = await (await connection.execute(_ADD_CODE, values)).fetchone()
        assert row is not None
        until: dt.datetime = row[0]
        return until

    async def use_code(self, connection: Connection, message: Incoming) -> UUID | None:
        """Link the account that sends a code, in a transaction of nobody, which becomes the user's.

        Returns:
            The user; None: the code is not, or no longer, valid, and nothing was linked.
        """
        secret = self._code_hash(message.text)
        await connection.execute(_SHOW, (secret.hex(),))
        row = await (
            await connection.execute(_CODE_OF, {"channel": self._channel, "secret": secret})
        ).fetchone()
        if row is None:
            return None
        user: UUID = row[0]
        await connection.execute(BECOME, (str(user),))
        cursor = await connection.execute(
            _USE_CODE, {"user": user, "channel": self._channel, "secret": secret}
        )
        used = await cursor.fetchone()
        if used is None or not used[2]:
            return None
        try:
            async with connection.transaction():
                await self._add(connection, user, message, used)
        except UniqueViolation:  # a link that cannot be read any more has the account
            return None
        return user

    async def remove(self, connection: Connection, user: UUID) -> bool:
        """Forget a user's account, in a transaction of theirs; return whether there was one."""
        return (
            await connection.execute(_UNLINK, {"user": user, "channel": self._channel})
        ).rowcount > 0

    async def _add(
        self, connection: Connection, user: UUID, message: Incoming, used: tuple[Any, ...]
    ) -> None:
        text = msgspec.json.encode(_Account(message.address, message.name[:64])).decode()
        sealed = self._sealer.seal(text, aad=_binding(user))
        values = {
            "user": user,
            "channel": self._channel,
            "secret": self._hash("account", message.address),
            "key": sealed.key_id,
            "account": sealed.data,
            "scopes": used[0],
            "configured_key": used[1],
        }
        await connection.execute(_LINK, values)

    def _link(self, row: tuple[Any, ...] | None) -> Link | None:
        if row is None:
            return None
        user, scopes, configured_key, role, state, key_id, sealed, linked_at = row
        granted = self._grants.granted(
            user,
            scopes,
            role=role,
            state=state,
            configured_key=None if configured_key is None else bytes(configured_key),
        )
        try:
            text = self._sealer.open(bytes(sealed), key_id, _binding(user))
        except SealError:
            return None
        account = msgspec.json.decode(text, type=_Account)
        return Link(user, str(account.id), account.name, granted, linked_at)

    def _code_hash(self, typed: str) -> bytes:
        return self._hash("code", "".join(c for c in typed.upper() if c.isalnum()))

    def _hash(self, what: str, text: str) -> bytes:
        # Telegram was the first, whose hashes named it not.
        of = what if self._channel == "telegram" else f"{self._channel} {what}"
        data = f"{of} {text}".encode(errors="surrogatepass")
        return blake2b(data, key=self._key, digest_size=32, person=b"pisov-tg-link").digest()


def _binding(user: UUID) -> bytes:
    return b"telegram_links.account" + user.bytes
