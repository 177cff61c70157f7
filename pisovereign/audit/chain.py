"""The chain of hashes by which a change of the audit log is noticed.

Each entry carries a keyed hash of its content and of the hash before it. The key is derived
from the master key, which the database never sees: whoever may change the database can delete and
alter entries, but cannot make the chain fit again. The chain cannot show that its end was cut off;
the owner's head does: the number of entries and the newest hash, under a keyed hash of its own.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.audit.types import Verification
from pisovereign.storage.pool import Connection

_SIZE = 32
_READ_AT_ONCE = 1000
START = bytes(_SIZE)
"""The hash before the first entry."""

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


class Row(NamedTuple):
    """An entry as it is stored; `what` is sealed."""

    seq: int
    at: dt.datetime
    event: str
    kind: str
    subject: str
    actor: str
    scopes: Sequence[str]
    key_id: str
    what: bytes


class Chain:
    """Computes the hashes of one owner's log."""

    def __init__(self, master_key: bytes, user: UUID) -> None:
        self._key = blake2b(
            key=master_key, salt=user.bytes, person=b"pisovereign-audi", digest_size=_SIZE
        ).digest()

    def link(self, before: bytes, row: Row) -> bytes:
        """Return the hash of an entry that follows the one with the hash `before`."""
        at = row.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
        scopes = list(row.scopes)
        content = row._replace(at=at, scopes=scopes, what=bytes(row.what).hex())  # type: ignore[arg-type]
        return self._hash(b"entry", [before.hex(), *content])

    def head(self, count: int, newest: bytes) -> bytes:
        """Return the hash of a head: so many entries, and the hash of the newest."""
        return self._hash(b"head", [count, newest.hex()])

    def _hash(self, purpose: bytes, content: list[Any]) -> bytes:
        # JSON keeps apart what joined texts would mix up.
        data = msgspec.json.encode(content)
        return blake2b(data, key=self._key, person=purpose, digest_size=_SIZE).digest()


def hashes_equal(one: bytes, other: bytes) -> bool:
    """Return whether two hashes are equal, in constant time."""
    return hmac.compare_digest(bytes(one), bytes(other))


class ChainVerification:
    """One verification of a chain, from its start to where its head was when it began.

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
        self._count, self._newest, self._requests = 0, START, 0

    async def run(self) -> Verification:
        """Compute the whole chain again."""
        row = await (await self._connection.execute(_HEAD, {"user": self._user})).fetchone()
        assert row is not None
        count, newest, mac, last, approvals = row
        while rows := await self._next(last):
            for row in rows:
                if problem := self._problem(Row(*row[:-1]), bytes(row[-1])):
                    return self._report(problem, self._count + 1)
        problem = self._problem_at_end(count, newest, mac)
        if problem is None and self._requests != approvals:
            problem = f"it tells of {self._requests} approvals, and there are {approvals}"
        return self._report(problem, None)

    async def _next(self, last: int) -> list[tuple[Any, ...]]:
        values = {"user": self._user, "seq": self._count, "last": last, "limit": _READ_AT_ONCE}
        return await (await self._connection.execute(_AFTER, values)).fetchall()

    def _problem(self, row: Row, mac: bytes) -> str | None:
        if row.seq != self._count + 1:
            return f"entry {self._count + 1} is missing"
        if not hashes_equal(mac, self._chain.link(self._newest, row)):
            return f"entry {row.seq} was changed"
        if self._noted[0] == row.seq and self._noted[1] != mac.hex():
            return f"entry {row.seq} is not the one that was noted"
        self._count, self._newest = row.seq, mac
        self._requests += row.event == "requested"
        return None

    def _problem_at_end(self, count: int | None, newest: Any, mac: Any) -> str | None:
        noted = self._noted[0]
        if count is None:
            missing = self._count or noted
            return "the head of the log is missing" if missing else None
        if not hashes_equal(mac, self._chain.head(count, bytes(newest))):
            return "the head of the log was changed"
        if max(count, noted) > self._count:
            return f"entries after {self._count} are missing: there were {max(count, noted)}"
        if not hashes_equal(newest, self._newest):
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
