"""Whether an audit log is what was written: its chain is computed again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pisovereign.audit.chain import START, Chain, Row, same
from pisovereign.audit.types import Verification
from pisovereign.storage.pool import Connection

_READ_AT_ONCE = 1000

COLUMNS = (
    "SELECT seq, at, event, kind, subject, actor, scopes, key_id, what, mac FROM audit_entries"
)
_AFTER = f"""
{COLUMNS} WHERE user_id = %(user)s AND seq > %(seq)s AND seq <= %(last)s
ORDER BY seq LIMIT %(limit)s
"""
# One statement, so that all of it is of the same moment. Approvals are never deleted, and each
# began with an entry.
_HEAD = """
SELECT h.count, h.newest, h.mac, e.seq,
       (SELECT count(*) FROM approvals WHERE user_id = %(user)s)
FROM (SELECT coalesce(max(seq), 0) AS seq FROM audit_entries WHERE user_id = %(user)s) e
LEFT JOIN audit_heads h ON h.user_id = %(user)s
"""


class Check:
    """One computation of a chain, from its start to where its head was when it began.

    Args:
        connection: A transaction of the owner.
        chain: The owner's.
        user: The owner.
        noted: A head of before, which must still be an entry.
    """

    def __init__(self, connection: Connection, chain: Chain, user: UUID, noted: str | None) -> None:
        self._connection = connection
        self._chain = chain
        self._user = user
        number, _, mac = (noted or "").partition(":")
        self._noted = int(number or 0), mac
        self._count, self._newest, self._requests = 0, START, 0

    async def run(self) -> Verification:
        """Compute it."""
        row = await (await self._connection.execute(_HEAD, {"user": self._user})).fetchone()
        assert row is not None
        count, newest, mac, last, approvals = row
        while rows := await self._next(last):
            for row in rows:
                if problem := self._wrong(Row(*row[:-1]), bytes(row[-1])):
                    return self._report(problem, self._count + 1)
        problem = self._wrong_end(count, newest, mac)
        if problem is None and self._requests != approvals:
            problem = f"it tells of {self._requests} approvals, and there are {approvals}"
        return self._report(problem, None)

    async def _next(self, last: int) -> list[tuple[Any, ...]]:
        values = {"user": self._user, "seq": self._count, "last": last, "limit": _READ_AT_ONCE}
        return await (await self._connection.execute(_AFTER, values)).fetchall()

    def _wrong(self, row: Row, mac: bytes) -> str | None:
        if row.seq != self._count + 1:
            return f"entry {self._count + 1} is missing"
        if not same(mac, self._chain.link(self._newest, row)):
            return f"entry {row.seq} was changed"
        if self._noted[0] == row.seq and self._noted[1] != mac.hex():
            return f"entry {row.seq} is not the one that was noted"
        self._count, self._newest = row.seq, mac
        self._requests += row.event == "requested"
        return None

    def _wrong_end(self, count: int | None, newest: Any, mac: Any) -> str | None:
        noted = self._noted[0]
        if count is None:
            missing = self._count or noted
            return "the head of the log is missing" if missing else None
        if not same(mac, self._chain.head(count, bytes(newest))):
            return "the head of the log was changed"
        if max(count, noted) > self._count:
            return f"entries after {self._count} are missing: there were {max(count, noted)}"
        if not same(newest, self._newest):
            return "the head of the log is not that of its newest entry"
        return None

    def _report(self, problem: str | None, entry: int | None) -> Verification:
        return Verification(
            intact=problem is None,
            entries=self._count,
            head=f"{self._count}:{self._newest.hex()}",
            broken=entry,
            problem=problem,
        )
