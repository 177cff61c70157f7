"""Computing a chain again, from its checkpoint to its head."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pisovereign.audit.chain import COLUMNS, Chain, Row, hashes_equal
from pisovereign.audit.checkpoint import Head, keep_entries, read_head
from pisovereign.audit.types import Noted, PrunedEntries, Verification
from pisovereign.storage.pool import Connection

_READ_AT_ONCE = 1000
_AFTER = f"""
{COLUMNS} WHERE user_id = %(user)s AND seq > %(seq)s AND seq <= %(last)s
ORDER BY seq LIMIT %(limit)s
"""


class ChainVerification:
    """One verification of a chain, up to where its head was when it began.

    Args:
        connection: A transaction of the owner.
        chain: The owner's.
        user: The owner.
        noted: A head that was noted earlier, which must still be an entry.
    """

    def __init__(self, connection: Connection, chain: Chain, user: UUID, noted: str | None) -> None:
        self._connection = connection
        self._chain = chain
        self._user = user
        number, _, mac = (noted or "").partition(":")
        self._noted = int(number or 0), mac
        self._found: Noted | None = None
        self._head: Head
        self._count, self._newest, self._requests = 0, b"", 0

    async def run(self) -> Verification:
        """Compute the whole chain again."""
        await keep_entries(self._connection, self._user)
        self._head = head = await read_head(self._connection, self._user)
        self._count, self._newest = head.checkpoint.pruned, head.checkpoint.mac
        self._requests = head.checkpoint.requests
        if problem := self._problem_at_start():
            return self._report(problem, None)
        while rows := await self._next():
            for row in rows:
                if problem := self._problem(Row(*row[:-1]), bytes(row[-1])):
                    return self._report(problem, self._count + 1)
        return self._report(self._problem_at_end(), None)

    def _problem_at_start(self) -> str | None:
        """Return what is wrong with the checkpoint; a changed head is told of at the end."""
        problem = self._head.problem(self._chain)
        if problem is not None and "checkpoint" in problem:
            return problem
        number, mac = self._noted
        if 0 < number < self._count:
            self._found = "pruned"
        elif 0 < number == self._count:
            if mac != self._newest.hex():
                return f"entry {number} is not the one that was noted"
            self._found = "found"
        return None

    async def _next(self) -> list[tuple[Any, ...]]:
        values = {"user": self._user, "seq": self._count, "last": self._head.last}
        values |= {"limit": _READ_AT_ONCE}
        return await (await self._connection.execute(_AFTER, values)).fetchall()

    def _problem(self, row: Row, mac: bytes) -> str | None:
        if row.seq != self._count + 1:
            return f"entry {self._count + 1} is missing"
        if not hashes_equal(mac, self._chain.link(self._newest, row)):
            return f"entry {row.seq} was changed"
        if self._noted[0] == row.seq:
            if self._noted[1] != mac.hex():
                return f"entry {row.seq} is not the one that was noted"
            self._found = "found"
        self._count, self._newest = row.seq, mac
        self._requests += row.event == "requested"
        return None

    def _problem_at_end(self) -> str | None:
        noted, head = self._noted[0], self._head
        if head.entries is None and (self._count or noted):
            return "the head of the log is missing"
        if head.entries is not None:
            if problem := head.problem(self._chain):
                return problem
            if (most := max(head.entries, noted)) > self._count:
                return f"entries after {self._count} are missing: there were {most}"
            if not hashes_equal(head.newest, self._newest):
                return "the head of the log is not that of its newest entry"
        approvals = head.approvals + head.checkpoint.approvals
        if self._requests != approvals:
            return f"it tells of {self._requests} approvals, and there are {approvals}"
        return None

    def _report(self, problem: str | None, entry: int | None) -> Verification:
        checkpoint = self._head.checkpoint
        pruned = None
        if checkpoint.pruned and checkpoint.first_at and checkpoint.last_at:
            pruned = PrunedEntries(
                entries=checkpoint.pruned,
                first_at=checkpoint.first_at,
                last_at=checkpoint.last_at,
            )
        return Verification(
            intact=problem is None,
            entries=self._count,
            head=f"{self._count}:{self._newest.hex()}",
            broken=entry,
            problem=problem,
            pruned=pruned,
            noted=self._found,
        )
