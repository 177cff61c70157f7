"""A file of tests finds nothing of other files in the servers that all share.

Tables are found in the schema, so a new one is emptied without being named here; one that has no
owner has to be: `test_emptied.py` asks for it. What a program keeps in its memory of what it stored
is told by the numbers that its versions have, and by its own routes.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from pisovereign.search_index.versions import KEPT_CHANGES
from tests.support.server import ADMIN_KEY, ALICE, BOB, BOB_KEY, Server

Connection = psycopg.Connection[TupleRow]
# Tables that stay as they are, and why.
KEPT = {
    "connection_changes": "a version, which says what programs have to read again",
    "event_streams": "numbers of events, which go on where somebody follows",
    "memory_owners": "a version, as above",
    "model_tests": "of models, and of nobody",
    "passage_owners": "a version, as above",
    "schema_migrations": "of the program",
    "sealing_keys": "of the program",
    "system_samples": "of the device",
    "channel_positions": "which messages of an account were taken in",
}
# Owned by whom another column names.
BY_OTHER_COLUMNS = frozenset({"passkey_challenges", "people"})
# An index that misses so many changes is loaded again.
_ALL_CHANGED = KEPT_CHANGES + 1
# Nothing has to come within it: where a schedule goes on, some work is always running.
_GRACE_S = 5.0
_KEYS = {UUID(ALICE): ADMIN_KEY, UUID(BOB): BOB_KEY}
_OWNED = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND a.attname = 'user_id' AND NOT a.attisdropped AND c.relname <> ALL(%s)
"""
_RUNNING = "SELECT count(*) FROM jobs WHERE state = 'running' AND lease_until > now()"


class SharedServers:
    """Knows the servers of the whole session, and which file has used each of them last."""

    def __init__(self) -> None:
        self._running: dict[str, Server] = {}
        self._files: dict[str, Path] = {}

    def add(self, fixture: str, server: Server) -> None:
        """Empty a server from now on whenever another file begins to use its fixture."""
        self._running[fixture] = server

    def begin(self, item: pytest.Item) -> None:
        """Empty what a test uses, before its fixtures are made, if its file is another one."""
        for fixture in getattr(item, "fixturenames", ()):
            before, self._files[fixture] = self._files.get(fixture), item.path
            if before != item.path and fixture in self._running:
                empty(self._running[fixture])


def empty(server: Server) -> None:
    """Delete all that anybody has in a server, and its audit log, which counts approvals."""
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        _end_work(server, connection)
        for (person,) in connection.execute("SELECT id FROM people").fetchall():
            path = f"/v1/people/{person}?confirm=erase"
            server.request("DELETE", path, key=ADMIN_KEY).raise_for_status()
        _forget_profiles(server, connection)
        connected = _delete_patiently(connection)
    if connected:
        # There is nothing to remove; but it has the program look at what is saved.
        server.request("DELETE", "/v1/connections/weather", key=ADMIN_KEY)


def owned_tables(connection: Connection) -> set[str]:
    """Return the tables that are emptied by the column that names a user."""
    return {row[0] for row in connection.execute(_OWNED, (list(KEPT),)).fetchall()}


def _end_work(server: Server, connection: Connection) -> None:
    """End tasks and answers, and let what has begun come to its end."""
    connection.execute("DELETE FROM jobs WHERE state = 'waiting'")
    open_work = {
        "/v1/agentic/tasks": "SELECT user_id, id FROM agent_tasks WHERE finished_at IS NULL",
        "/v1/chat/streams": "SELECT user_id, id FROM answer_streams WHERE state = 'running'",
    }
    for path, query in open_work.items():
        for user, identifier in connection.execute(query.encode()).fetchall():
            if user in _KEYS:
                server.request("POST", f"{path}/{identifier}/cancel", key=_KEYS[user])
    # What takes longer loses its job, and ends by that.
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline and connection.execute(_RUNNING).fetchall() != [(0,)]:
        time.sleep(0.02)


def _forget_profiles(server: Server, connection: Connection) -> None:
    """Delete what everybody chose, which the program has in its memory until it is changed."""
    query = "DELETE FROM profiles RETURNING user_id"
    for (user,) in connection.execute(query).fetchall():
        if user in _KEYS:
            patch = {"theme": "system"}
            server.request("PATCH", "/v1/profile", key=_KEYS[user], json=patch).raise_for_status()


def _delete_patiently(connection: Connection) -> bool:
    """Delete all rows; again if work in the background had locked some in another order."""
    for _ in range(2):
        with suppress(psycopg.errors.DeadlockDetected), connection.transaction():
            return _delete(connection)
    with connection.transaction():
        return _delete(connection)


def _delete(connection: Connection) -> bool:
    """Delete all rows; return whether there were connections."""
    connected = connection.execute("SELECT FROM connections LIMIT 1").rowcount > 0
    # Without foreign keys no order matters, and counts of what is kept are deleted themselves.
    statements: list[sql.Composable] = [sql.SQL("SET LOCAL session_replication_role = replica")]
    statements += [
        sql.SQL("DELETE FROM {} WHERE user_id IS NOT NULL").format(sql.Identifier(table))
        for table in sorted(owned_tables(connection))
    ]
    statements += [
        sql.SQL("UPDATE {} SET version = version + {}").format(
            sql.Identifier(table), sql.Literal(_ALL_CHANGED)
        )
        for table in ("memory_owners", "passage_owners")
    ]
    statements += [
        sql.SQL("DELETE FROM passkey_challenges"),
        sql.SQL("DELETE FROM event_streams WHERE stream <> user_id"),
        sql.SQL("UPDATE connection_changes SET version = version + 1"),
    ]
    connection.execute(sql.SQL("; ").join(statements))
    return connected
