"""Deleting approvals that are over, so that the audit log still tells if another one is missing."""

from __future__ import annotations

from uuid import UUID

from pisovereign.audit.service import AuditLog
from pisovereign.storage.pool import Database

AT_ONCE = 100
"""Approvals of one transaction."""
_PRUNE = "SELECT prune_approvals(%(days)s, %(keep)s, %(limit)s)"


async def prune_approvals(
    database: Database, audit: AuditLog, user: UUID, *, days: int, keep: int
) -> int:
    """Delete some of the oldest approvals, and return how many.

    Args:
        database: Where they are.
        audit: Where their number is written down.
        user: Whose.
        days: How long one is kept after its end; 0: forever.
        keep: How many are kept at most, beside those that are not over.

    Raises:
        AuditChanged: the log is not as it was written, so all of them stay.
    """
    async with database.transaction(user) as connection:
        if not await audit.may_prune(connection, user):
            return 0
        values = {"days": days, "keep": keep, "limit": AT_ONCE}
        row = await (await connection.execute(_PRUNE, values)).fetchone()
        count = int(row[0]) if row else 0
        if count:
            await audit.note_pruned_approvals(connection, user, count)
    return count
