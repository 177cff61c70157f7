"""Positions in the messages of accounts, and leases of the processes that ask for them."""

from __future__ import annotations

from uuid import UUID

from pisovereign.storage.pool import Connection

_HOLD = """
INSERT INTO channel_positions AS p (account, holder, lease_until)
VALUES (%(account)s, %(holder)s, now() + make_interval(secs => %(lease)s))
ON CONFLICT (account) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
WHERE p.holder IS NULL OR p.holder = excluded.holder OR p.lease_until <= now()
RETURNING CASE WHEN %(stale)s::float IS NULL
    OR p.received_at > now() - make_interval(secs => %(stale)s) THEN p.position END
"""
_LOCK = """
SELECT 1 FROM channel_positions
WHERE account = %(account)s AND holder = %(holder)s AND lease_until > now() FOR UPDATE
"""
_ADVANCE = """
UPDATE channel_positions SET position = %(position)s, received_at = now()
WHERE account = %(account)s
"""
_RELEASE = """
UPDATE channel_positions SET holder = NULL, lease_until = NULL
WHERE account = %(account)s AND holder = %(holder)s
"""


class NotHeld(Exception):
    """Another process asks for this account's messages."""


class PositionStore:
    """SQL of the lease of one process; each call is part of a transaction of nobody.

    Args:
        holder: The process.
    """

    def __init__(self, holder: UUID) -> None:
        self._holder = holder

    async def hold(
        self, connection: Connection, account: bytes, lease_s: float, stale_s: float | None = None
    ) -> str | None:
        """Take the lease, or renew it, and return the position; None: there is none to go on from.

        Args:
            connection: The transaction.
            account: The keyed hash of the account.
            lease_s: How long it is nobody else's, in seconds.
            stale_s: How old the position may be, in seconds; None: any age.

        Raises:
            NotHeld: Another process has it.
        """
        values = {"account": account, "holder": self._holder, "lease": lease_s, "stale": stale_s}
        row = await (await connection.execute(_HOLD, values)).fetchone()
        if row is None:
            raise NotHeld
        position: str | None = row[0]
        return position

    async def lock(self, connection: Connection, account: bytes) -> None:
        """Make sure, until the end of the transaction, that this process has the lease.

        Raises:
            NotHeld: It has not.
        """
        cursor = await connection.execute(_LOCK, {"account": account, "holder": self._holder})
        if await cursor.fetchone() is None:
            raise NotHeld

    async def advance(self, connection: Connection, account: bytes, position: str | None) -> None:
        """Note up to where events were taken in."""
        await connection.execute(_ADVANCE, {"account": account, "position": position})

    async def release(self, connection: Connection, account: bytes) -> None:
        """Give the lease back."""
        await connection.execute(_RELEASE, {"account": account, "holder": self._holder})
