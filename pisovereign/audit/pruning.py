"""Deleting the oldest entries of a log, so that it still shows what was changed.

The entries that go are computed again first, from the checkpoint before: what does not fit stays as
it is, with all after it. The checkpoint moves and the entries go in one transaction, so that a
process that is killed leaves both as they were.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from pisovereign.audit.chain import COLUMNS, Chain, Checkpoint, Row, hashes_equal
from pisovereign.audit.checkpoint import Head, lock_head, move_checkpoint
from pisovereign.errors import ServiceUnavailable
from pisovereign.storage.pool import Connection

AT_ONCE = 200
"""Entries of one transaction; whoever adds one waits for its end."""
ALWAYS_KEPT = 1000
"""The newest entries stay whatever their age: a clock that is wrong must not empty the log."""
_OLDEST = f"""
{COLUMNS} WHERE user_id = %(user)s AND seq > %(pruned)s AND seq <= %(safe)s
  AND (seq <= %(surplus)s OR %(days)s > 0 AND at < now() - make_interval(days => %(days)s))
ORDER BY seq LIMIT %(limit)s
"""
_DELETE = "SELECT prune_audit_entries()"


class Kept(NamedTuple):
    """How much of a log is kept.

    Attributes:
        days: How long an entry is kept; 0: forever.
        entries: How many entries are kept at most.
        always: How many of the newest stay whatever their age.
        at_once: How many are deleted in one transaction at most.
    """

    days: int
    entries: int
    always: int = ALWAYS_KEPT
    at_once: int = AT_ONCE


class AuditChanged(ServiceUnavailable):
    """A log is not as it was written, so nothing of it is deleted."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"nothing of an audit log is deleted: {problem}")


async def prune_entries(connection: Connection, chain: Chain, user: UUID, kept: Kept) -> int:
    """Delete some of the oldest entries; return how many.

    Raises:
        AuditChanged: the log is not as it was written.
    """
    head = await _locked(connection, chain, user)
    if head is None or head.entries is None:
        return 0
    before = head.checkpoint
    values = {
        "user": user,
        "pruned": before.pruned,
        "safe": head.entries - kept.always,
        "surplus": head.entries - kept.entries,
        "days": kept.days,
        "limit": kept.at_once,
    }
    rows = await (await connection.execute(_OLDEST, values)).fetchall()
    after = before
    for *fields, mac in rows:
        row = Row(*fields)
        if row.seq != after.pruned + 1:
            break  # one before it is not old yet by its own time
        if not hashes_equal(mac, chain.link(after.mac, row)):
            raise AuditChanged(f"entry {row.seq} was changed")
        after = Checkpoint(
            pruned=row.seq,
            mac=bytes(mac),
            first_at=after.first_at or row.at,
            last_at=row.at,
            requests=after.requests + (row.event == "requested"),
            approvals=after.approvals,
        )
    if after.pruned > before.pruned:
        await move_checkpoint(connection, chain, user, after)
        await connection.execute(_DELETE)
    return after.pruned - before.pruned


async def may_prune(connection: Connection, chain: Chain, user: UUID) -> bool:
    """Return whether something may be deleted in this transaction; nobody adds an entry meanwhile.

    Raises:
        AuditChanged: the log is not as it was written.
    """
    head = await _locked(connection, chain, user)
    return head is not None and head.entries is not None


async def note_pruned_approvals(
    connection: Connection, chain: Chain, user: UUID, count: int
) -> None:
    """Write down that approvals are deleted; `may_prune` comes before."""
    head = await _locked(connection, chain, user)
    assert head is not None, "may_prune comes before"
    checkpoint = head.checkpoint
    after = checkpoint._replace(approvals=checkpoint.approvals + count)
    await move_checkpoint(connection, chain, user, after)


async def _locked(connection: Connection, chain: Chain, user: UUID) -> Head | None:
    head = await lock_head(connection, user)
    if head is not None and (problem := head.problem(chain)):
        raise AuditChanged(problem)
    return head
