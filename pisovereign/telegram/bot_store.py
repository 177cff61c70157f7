"""Who asks for a bot's messages, and how far they were taken in."""

from __future__ import annotations

from uuid import UUID

from pisovereign.storage.pool import Connection

# Telegram goes on with any number when nothing happened for a week: an old one is not asked with.
_HOLD = """
INSERT INTO telegram_bots AS b (bot, holder, lease_until)
VALUES (%(bot)s, %(holder)s, now() + make_interval(secs => %(lease)s))
ON CONFLICT (bot) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
WHERE b.holder IS NULL OR b.holder = excluded.holder OR b.lease_until <= now()
RETURNING CASE WHEN b.received_at > now() - interval '5 days' THEN b.next_update END
"""
_LOCK = """
SELECT 1 FROM telegram_bots
WHERE bot = %(bot)s AND holder = %(holder)s AND lease_until > now() FOR UPDATE
"""
_ADVANCE = (
    "UPDATE telegram_bots SET next_update = %(next)s, received_at = now() WHERE bot = %(bot)s"
)
_RELEASE = """
UPDATE telegram_bots SET holder = NULL, lease_until = NULL
WHERE bot = %(bot)s AND holder = %(holder)s
"""


class NotHeld(Exception):
    """Another process asks for this bot's messages."""


class BotStore:
    """SQL of the lease of one process; each call is part of a transaction of nobody.

    Args:
        holder: The process.
    """

    def __init__(self, holder: UUID) -> None:
        self._holder = holder

    async def hold(self, connection: Connection, bot: bytes, lease_s: float) -> int | None:
        """Take the lease, or renew it, and return the next update; None: whichever comes.

        Raises:
            NotHeld: another process has it.
        """
        values = {"bot": bot, "holder": self._holder, "lease": lease_s}
        row = await (await connection.execute(_HOLD, values)).fetchone()
        if row is None:
            raise NotHeld
        following: int | None = row[0]
        return following

    async def lock(self, connection: Connection, bot: bytes) -> None:
        """Make sure, until the end of the transaction, that this process has the lease.

        Raises:
            NotHeld: it has not.
        """
        cursor = await connection.execute(_LOCK, {"bot": bot, "holder": self._holder})
        if await cursor.fetchone() is None:
            raise NotHeld

    async def advance(self, connection: Connection, bot: bytes, following: int) -> None:
        """Note which update is the next one."""
        await connection.execute(_ADVANCE, {"bot": bot, "next": following})

    async def release(self, connection: Connection, bot: bytes) -> None:
        """Give the lease back."""
        await connection.execute(_RELEASE, {"bot": bot, "holder": self._holder})
