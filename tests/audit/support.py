"""An audit log of a user of its own, on a real database, and somebody with every right there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import psycopg

from pisovereign.api_keys import Identity
from pisovereign.approvals.pruning import prune_approvals
from pisovereign.audit.chain import COLUMNS, START, Chain, Row
from pisovereign.audit.pruning import Kept
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import AuditEntry, Event, Verification
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from tests.support.patience import PATIENCE_S

T = TypeVar("T")
MASTER_KEY = bytes(range(32))


class Places(NamedTuple):
    """How a database is reached, as its owner and as the program does."""

    owner_dsn: str
    app_dsn: str


class LogBench:
    """A log, and one user of it.

    Attributes:
        user: Whose log it is.
    """

    def __init__(
        self,
        postgres: EmbeddedServer | Places,
        user: UUID | None = None,
        master_key: bytes = MASTER_KEY,
    ) -> None:
        self.user = user or uuid.uuid4()
        self.owner_dsn = postgres.owner_dsn
        self.app_dsn = postgres.app_dsn
        self._key = master_key
        with psycopg.connect(postgres.owner_dsn) as connection:
            connection.execute(
                "INSERT INTO sealing_keys (key_id) VALUES (%s) ON CONFLICT DO NOTHING",
                (Sealer(self._key).key_id,),
            )
        self._loop = asyncio.new_event_loop()
        self.database = Database(postgres.app_dsn, pool_size=3, statement_timeout_s=PATIENCE_S)
        self.log = AuditLog(self.database, self._key)
        self._loop.run_until_complete(self.database.open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the loop of the log."""
        return self._loop.run_until_complete(asyncio.wait_for(work, 60))

    def add(self, count: int = 1, event: Event = "ran") -> None:
        """Add entries."""
        identity = Identity(self.user, frozenset({"user"}), "tester")

        async def course() -> None:
            for _ in range(count):
                await self.log.record(
                    identity, event, kind="catalog_command", subject="x", what="echo"
                )

        self.run(course())

    def ask(self, status: str = "denied") -> None:
        """Add an approval, and the entry that tells of it."""
        self.add(event="requested")
        with psycopg.connect(self.owner_dsn) as connection:
            connection.execute(
                "INSERT INTO approvals (user_id, id, kind, status, key_id, content, asked_by,"
                " created_at, expires_at, finished_at) VALUES (%s, %s, 'x', %s, %s, '', 'x', now(),"
                " now(), now())",
                (self.user, uuid.uuid4(), status, Sealer(self._key).key_id),
            )

    def prune(self, entries: int = 0, *, days: int = 0, always: int = 0, at_once: int = 5) -> int:
        """Delete a batch of entries; returns how many."""
        kept = Kept(days, entries, always, at_once)
        return self.run(self.log.prune(self.user, kept))

    def prune_approvals(self, keep: int) -> int:
        """Delete a batch of approvals; returns how many."""
        work = prune_approvals(self.database, self.log, self.user, days=0, keep=keep)
        return self.run(work)

    def verify(self, noted: str | None = None) -> Verification:
        """Compute the chain again."""
        return self.run(self.log.verify(self.user, noted))

    def export(self) -> list[AuditEntry]:
        """All lines of the export."""

        async def course() -> list[AuditEntry]:
            return [entry async for batch in self.log.export(self.user) for entry in batch]

        return self.run(course())

    def stored(self) -> int:
        """How many entries there are in the database."""
        with psycopg.connect(self.owner_dsn) as connection:
            row = connection.execute(
                "SELECT count(*) FROM audit_entries WHERE user_id = %s", (self.user,)
            ).fetchone()
        assert row is not None
        return int(row[0])

    def age(self, days: int, up_to: int) -> None:
        """Let the first entries have been written some days ago."""
        # Their hashes are made anew, as if they had been written then.
        with self.superuser() as change:
            change(
                "UPDATE audit_entries SET at = at - make_interval(days => %s)"
                " WHERE user_id = %s AND seq <= %s",
                days,
                self.user,
                up_to,
            )
        self._link_anew()

    def _link_anew(self) -> None:
        chain, before = Chain(self._key, self.user), START
        with psycopg.connect(self.owner_dsn) as connection:
            connection.execute("SET session_replication_role = replica")
            rows = connection.execute(
                f"{COLUMNS} WHERE user_id = %s ORDER BY seq".encode(), (self.user,)
            ).fetchall()
            for *fields, _ in rows:
                before = chain.link(before, Row(*fields))
                connection.execute(
                    "UPDATE audit_entries SET mac = %s WHERE user_id = %s AND seq = %s",
                    (before, self.user, fields[0]),
                )
            connection.execute(
                "UPDATE audit_heads SET newest = %s, mac = %s WHERE user_id = %s",
                (before, chain.head(len(rows), before), self.user),
            )

    @contextmanager
    def superuser(self) -> Iterator[Callable[..., None]]:
        """Somebody with every right in the database, for whom triggers are no obstacle either."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")

            def change(statement: str, *values: Any) -> None:
                connection.execute(statement.encode(), values)

            yield change

    def close(self) -> None:
        """Close the database."""
        self._loop.run_until_complete(self.database.close())
        self._loop.close()
