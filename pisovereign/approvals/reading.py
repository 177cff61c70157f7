"""Looking at approvals, for what tells people of them and decides nothing."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pisovereign.approvals import store
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.types import Approval
from pisovereign.approvals.view import show
from pisovereign.storage.pool import Database


class ApprovalReader:
    """Reads approvals.

    Args:
        database: Where they are.
        sealer: Opens what they hold.
    """

    def __init__(self, database: Database, sealer: ApprovalSealer) -> None:
        self._database = database
        self._sealer = sealer

    async def waiting(self, user: UUID, approval: UUID) -> Approval | None:
        """Return an approval of a user that can be decided now; None: it cannot.

        Raises:
            ServiceUnavailable: the database is away.
        """
        async with self._database.transaction(user) as connection:
            row = await store.get(connection, user, approval)
        if row is None or row.status != "pending" or row.expires_at <= dt.datetime.now(dt.UTC):
            return None
        return show(self._sealer, row)
