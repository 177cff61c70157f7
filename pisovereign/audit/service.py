"""The audit log in PostgreSQL, one chain for each owner.

The program's role may only add entries and read them, and delete the oldest once a checkpoint
stands for them; triggers refuse everything else to everybody. An entry is written in the
transaction of the event that it records: neither is there without the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.api_keys import Identity
from pisovereign.audit.chain import COLUMNS, START, Chain, Row, hashes_equal
from pisovereign.audit.checkpoint import Head, read_head
from pisovereign.audit.pruning import Kept, may_prune, note_pruned_approvals, prune_entries
from pisovereign.audit.types import SYSTEM, AuditEntry, Event, ListQuery, Verification
from pisovereign.audit.verification import ChainVerification
from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

# The lock on the head's row lets one entry be added at a time. Its clock is that of the database.
_LOCK = """
INSERT INTO audit_heads (user_id, count, newest, mac) VALUES (%(user)s, 0, %(start)s, %(start)s)
ON CONFLICT (user_id) DO UPDATE SET count = audit_heads.count
RETURNING count, newest, clock_timestamp()
"""
_ADD = """
INSERT INTO audit_entries (user_id, seq, at, event, kind, subject, actor, scopes, key_id, what, mac)
VALUES (%(user)s, %(seq)s, %(at)s, %(event)s, %(kind)s, %(subject)s, %(actor)s, %(scopes)s,
        %(key_id)s, %(what)s, %(mac)s)
"""
_MOVE_HEAD = """
UPDATE audit_heads SET count = %(seq)s, newest = %(mac)s, mac = %(head)s WHERE user_id = %(user)s
"""
_WANTED = """user_id = %(user)s
  AND (%(event)s::text IS NULL OR event = %(event)s)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(actor)s::text IS NULL OR actor = %(actor)s)
  AND (%(subject)s::text IS NULL OR subject = %(subject)s)
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)"""
_NEWEST = f"""
{COLUMNS} WHERE {_WANTED} ORDER BY seq DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = f"SELECT count(*) FROM audit_entries WHERE {_WANTED}"  # noqa: S608
_AFTER = f"""
{COLUMNS} WHERE user_id = %(user)s AND seq > %(seq)s ORDER BY seq LIMIT %(limit)s
"""
_OWNERS = "SELECT audit_owners()"
_EXPORTED_AT_ONCE = 500
_CHANGED = "This entry, or the one before it, is not what was written"


class AuditLog:
    """Adds entries, lists them, and checks that they are what was written."""

    def __init__(self, database: Database, master_key: bytes) -> None:
        self._database = database
        self._master_key = master_key
        self._sealer = Sealer(master_key)

    async def record(
        self, identity: Identity, event: Event, *, kind: str, subject: str, what: str
    ) -> None:
        """Add an entry in a transaction of its own."""
        async with self._database.transaction(identity.user_id) as connection:
            await self.add(
                connection,
                identity.user_id,
                event,
                by=identity,
                kind=kind,
                subject=subject,
                what=what,
            )

    async def add(
        self,
        connection: Connection,
        user: UUID,
        event: Event,
        *,
        by: Identity | None,
        kind: str,
        subject: str,
        what: str,
    ) -> None:
        """Add an entry in the transaction of `connection`.

        Others wait for its end from here on, so this comes last.

        Args:
            connection: A transaction of `user`.
            user: Whose log it is.
            event: What happened.
            by: Whose key did it; None: it happened by itself.
            kind: Of what kind it is.
            subject: The approval or command.
            what: Exactly what is done; it is sealed.
        """
        chain = Chain(self._master_key, user)
        cursor = await connection.execute(_LOCK, {"user": user, "start": START})
        locked = await cursor.fetchone()
        assert locked is not None
        count, newest, now = locked
        row = Row(
            seq=count + 1,
            at=now,
            event=event,
            kind=kind,
            subject=subject,
            actor=SYSTEM if by is None else by.key_name,
            scopes=[] if by is None else sorted(by.scopes),
            key_id=self._sealer.key_id,
            what=self._sealer.seal(what, aad=_binding(user, count + 1)).data,
        )
        mac = chain.link(newest, row)
        values = {"user": user, "mac": mac, "head": chain.head(row.seq, mac), **row._asdict()}
        async with connection.pipeline():
            await connection.execute(_ADD, values)
            await connection.execute(_MOVE_HEAD, values)

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[AuditEntry], int]:
        """Return a page of the wanted entries, the newest first, and how many there are."""
        values = {"user": user, **msgspec.structs.asdict(query)}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_NEWEST, values)).fetchall()
            total = await (await connection.execute(_COUNT, values)).fetchone()
        assert total is not None
        return await made_in_parts(lambda row: self._entry(user, Row(*row[:-1])), rows), total[0]

    async def export(self, user: UUID) -> AsyncIterator[list[AuditEntry]]:
        """Yield all entries, the oldest first, in batches; each that does not fit says so."""
        chain = Chain(self._master_key, user)
        async with self._database.transaction(user) as connection:
            head = await read_head(connection, user)
        last, newest = head.checkpoint.pruned, head.checkpoint.mac
        if last:
            yield [_pruned_entry(head, chain)]
        while True:
            values = {"user": user, "seq": last, "limit": _EXPORTED_AT_ONCE}
            async with self._database.transaction(user) as connection:
                rows = await (await connection.execute(_AFTER, values)).fetchall()
            if not rows:
                return
            entries = []
            for *fields, mac in rows:
                row = Row(*fields)
                fits = row.seq == last + 1 and hashes_equal(mac, chain.link(newest, row))
                entry = self._entry(user, row)
                if not fits:
                    entry = msgspec.structs.replace(entry, error=_CHANGED)
                entries.append(entry)
                last, newest = row.seq, bytes(mac)
            yield entries

    async def verify(self, user: UUID, noted: str | None = None) -> Verification:
        """Compute the whole chain again, and return whether it is what was written.

        Args:
            user: Whose log it is.
            noted: A `head` that was noted earlier, which must still be an entry.
        """
        async with self._database.transaction(user) as connection:
            chain = Chain(self._master_key, user)
            return await ChainVerification(connection, chain, user, noted).run()

    async def owners(self) -> list[UUID]:
        """Return whose logs there are; also those of people who were erased.

        Where the tables' owner is bound by their policies, nobody is known.
        """
        async with self._database.system() as connection:
            rows = await (await connection.execute(_OWNERS)).fetchall()
        return [row[0] for row in rows]

    async def prune(self, user: UUID, kept: Kept) -> int:
        """Delete some of the oldest entries, and return how many.

        Raises:
            AuditChanged: the log is not as it was written, so all of it stays.
        """
        async with self._database.transaction(user) as connection:
            return await prune_entries(connection, Chain(self._master_key, user), user, kept)

    async def may_prune(self, connection: Connection, user: UUID) -> bool:
        """Return whether approvals may be deleted in this transaction: nobody verifies the log.

        Raises:
            AuditChanged: the log is not as it was written.
        """
        return await may_prune(connection, Chain(self._master_key, user), user)

    async def note_pruned_approvals(self, connection: Connection, user: UUID, count: int) -> None:
        """Write down that approvals are deleted; `may_prune` comes before."""
        chain = Chain(self._master_key, user)
        await note_pruned_approvals(connection, chain, user, count)

    def _entry(self, user: UUID, row: Row) -> AuditEntry:
        fields: dict[str, Any] = row._asdict()
        key_id, sealed = fields.pop("key_id"), fields.pop("what")
        try:
            what = self._sealer.open(bytes(sealed), key_id, _binding(user, row.seq))
        except SealError as error:
            return AuditEntry(**fields, what="", error=error.message)
        return AuditEntry(**fields, what=what)


def _pruned_entry(head: Head, chain: Chain) -> AuditEntry:
    """Return the line of an export that stands for the entries that were deleted."""
    checkpoint = head.checkpoint
    at = checkpoint.last_at or dt.datetime.fromtimestamp(0, dt.UTC)
    since = "" if checkpoint.first_at is None else checkpoint.first_at.isoformat()
    entry = AuditEntry(
        seq=checkpoint.pruned,
        at=at,
        event="pruned",
        kind="audit_log",
        subject=f"1-{checkpoint.pruned}",
        actor=SYSTEM,
        scopes=[],
        what=f"Entries 1 to {checkpoint.pruned}, of {since} to {at.isoformat()}, were deleted",
    )
    problem = head.problem(chain)
    return entry if problem is None else msgspec.structs.replace(entry, error=problem)


def _binding(user: UUID, seq: int) -> bytes:
    return b"audit_entries.what" + user.bytes + seq.to_bytes(8, "big")
