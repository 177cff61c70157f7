"""The head of a log as it is stored, with the checkpoint beside it."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.audit.chain import START, Chain, Checkpoint, hashes_equal
from pisovereign.storage.pool import Connection

# Whoever deletes entries is alone, whoever verifies is not: no entry is missing half-way.
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))"
_TOGETHER = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%(name)s, 0))"
# One statement, so that all of it is of the same moment. Each approval began with an entry.
_HEAD = """
SELECT h.count, h.newest, h.mac, h.checkpoint_mac,
       h.pruned, h.pruned_mac, h.pruned_from, h.pruned_to, h.pruned_requests, h.pruned_approvals,
       (SELECT coalesce(max(seq), 0) FROM audit_entries WHERE user_id = %(user)s),
       (SELECT count(*) FROM approvals WHERE user_id = %(user)s)
FROM (SELECT 1) one LEFT JOIN audit_heads h ON h.user_id = %(user)s
"""
_LOCKED = """
SELECT count, newest, mac, checkpoint_mac,
       pruned, pruned_mac, pruned_from, pruned_to, pruned_requests, pruned_approvals, 0, 0
FROM audit_heads WHERE user_id = %(user)s FOR UPDATE
"""
_MOVE = """
UPDATE audit_heads
SET pruned = %(pruned)s, pruned_mac = %(mac)s, pruned_from = %(first_at)s, pruned_to = %(last_at)s,
    pruned_requests = %(requests)s, pruned_approvals = %(approvals)s, checkpoint_mac = %(sealed)s
WHERE user_id = %(user)s
"""


class Head(NamedTuple):
    """The stored state of a log as a whole.

    `entries` and `newest` are the number and the hash of the newest entry; None: there is no head.
    `last` is the number of the last entry that there is, `approvals` how many approvals there are.
    """

    entries: int | None
    newest: bytes
    mac: bytes
    checkpoint: Checkpoint
    checkpoint_mac: bytes | None
    last: int
    approvals: int

    def problem(self, chain: Chain) -> str | None:
        """Return what is wrong with head or checkpoint by themselves; None: nothing."""
        if self.entries is None:
            return None
        if self.checkpoint_mac is None:
            if self.checkpoint != Checkpoint():
                return "the checkpoint of the log was changed"
        elif not hashes_equal(self.checkpoint_mac, chain.checkpoint(self.checkpoint)):
            return "the checkpoint of the log was changed"
        if not hashes_equal(self.mac, chain.head(self.entries, self.newest)):
            return "the head of the log was changed"
        return None


async def read_head(connection: Connection, user: UUID) -> Head:
    """Return the head of a log, in a transaction of its owner."""
    row = await (await connection.execute(_HEAD, {"user": user})).fetchone()
    assert row is not None
    return _head(row)


async def lock_head(connection: Connection, user: UUID) -> Head | None:
    """Return the head of a log, which nobody else changes until the transaction ends.

    None: there is none, or somebody verifies it or deletes of it right now.
    """
    found = await (await connection.execute(_ALONE, {"name": _lock_name(user)})).fetchone()
    if not found or not found[0]:
        return None
    row = await (await connection.execute(_LOCKED, {"user": user})).fetchone()
    return None if row is None else _head(row)


async def keep_entries(connection: Connection, user: UUID) -> None:
    """Let nobody delete entries of a log until the transaction ends."""
    await connection.execute(_TOGETHER, {"name": _lock_name(user)})


async def move_checkpoint(
    connection: Connection, chain: Chain, user: UUID, checkpoint: Checkpoint
) -> None:
    """Store a checkpoint; `lock_head` comes before."""
    values = {"user": user, "sealed": chain.checkpoint(checkpoint), **checkpoint._asdict()}
    await connection.execute(_MOVE, values)


def _head(row: tuple[Any, ...]) -> Head:
    count, newest, mac, checkpoint_mac, pruned, last_mac, *rest = row
    first_at, last_at, requests, approvals, last, there = rest
    checkpoint = Checkpoint()
    if count is not None:
        last_mac = START if last_mac is None else bytes(last_mac)
        checkpoint = Checkpoint(pruned, last_mac, first_at, last_at, requests, approvals)
    return Head(
        count,
        bytes(newest or b""),
        bytes(mac or b""),
        checkpoint,
        None if checkpoint_mac is None else bytes(checkpoint_mac),
        last,
        there,
    )


def _lock_name(user: UUID) -> str:
    return f"audit {user}"
