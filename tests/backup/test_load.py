"""Databases of one's own, without the program."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pisovereign.backup.dump import snapshot
from pisovereign.backup.format import Manifest, Record, Rows, Table, TableEnd
from pisovereign.backup.load import load
from pisovereign.errors import StartError
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.migrate import packaged_migrations, run_migrations
from tests.storage.conftest import empty_dsn, postgres, session_folder

__all__ = ["empty_dsn", "postgres", "session_folder"]


@pytest.fixture
def taken(postgres: EmbeddedServer) -> Iterator[tuple[Manifest, list[Record]]]:
    """What a backup of an older database with one conversation holds."""
    dsn = make_conninfo(postgres.owner_dsn, dbname="taken")
    with psycopg.connect(postgres.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE taken")
    run_migrations(dsn, packaged_migrations()[:3])
    add(dsn, "from the backup")
    with snapshot(dsn) as found:
        manifest = Manifest(made_at=0, program="0", key_id="00" * 8, steps=found.steps())
        records = list(found.records())
    yield manifest, records
    with psycopg.connect(postgres.owner_dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE taken WITH (FORCE)")


def add(dsn: str, name: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO conversations (user_id, id) VALUES (gen_random_uuid(), %s)", (name,)
        )


def conversations(dsn: str, schema: str = "public") -> list[str]:
    with psycopg.connect(dsn) as connection:
        query = f"SELECT id FROM {schema}.conversations ORDER BY id"
        return [row[0] for row in connection.execute(query.encode())]


def test_an_empty_database_is_filled_and_brought_up_to_date(
    empty_dsn: str, taken: tuple[Manifest, list[Record]]
) -> None:
    manifest, records = taken
    load(empty_dsn, manifest, iter(records))
    assert conversations(empty_dsn) == ["from the backup"]
    run_migrations(empty_dsn)  # it has nothing to do, or would refuse


_SESSION = """
INSERT INTO sessions (user_id, id, secret, made_with, scopes, device, network, expires_at)
VALUES (gen_random_uuid(), gen_random_uuid(), %s, 'code', '{user}', 'x', 'x', now())
"""


def test_nobody_is_signed_in_again_by_a_restore(empty_dsn: str) -> None:
    run_migrations(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        connection.execute(_SESSION, (b"secret",))
    with snapshot(empty_dsn) as found:
        manifest = Manifest(made_at=0, program="0", key_id="00" * 8, steps=found.steps())
        records = list(found.records())
    assert not any(b"secret".hex().encode() in r.data for r in records if isinstance(r, Rows))
    # A backup that was made before had them.
    at = next(n for n, r in enumerate(records) if isinstance(r, Table) and r.name == "sessions")
    with (
        psycopg.connect(empty_dsn) as connection,
        connection.cursor().copy("COPY sessions TO STDOUT") as copy,
    ):
        row = b"".join(bytes(piece) for piece in copy)
    records[at + 1 : at + 2] = [Rows(row), TableEnd(1)]
    load(empty_dsn, manifest, iter(records), replace=True)
    with psycopg.connect(empty_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_tables_that_are_there_are_kept(
    empty_dsn: str, taken: tuple[Manifest, list[Record]]
) -> None:
    manifest, records = taken
    run_migrations(empty_dsn)
    add(empty_dsn, "there before")
    with pytest.raises(StartError, match="there is an installation already"):
        load(empty_dsn, manifest, iter(records))
    assert conversations(empty_dsn) == ["there before"]
    load(empty_dsn, manifest, iter(records), replace=True)
    assert conversations(empty_dsn) == ["from the backup"]
    with psycopg.connect(empty_dsn) as connection:
        row = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before_restore_%'"
        ).fetchone()
    assert row is not None
    assert conversations(empty_dsn, row[0]) == ["there before"]


@pytest.mark.parametrize("lost", range(4))
def test_what_does_not_fit_changes_nothing(
    empty_dsn: str, taken: tuple[Manifest, list[Record]], lost: int
) -> None:
    manifest, records = taken
    run_migrations(empty_dsn)
    add(empty_dsn, "there before")
    short = records[: lost * len(records) // 4]
    with pytest.raises(StartError):
        load(empty_dsn, manifest, iter(short), replace=True)
    assert conversations(empty_dsn) == ["there before"]


def test_a_login_that_sees_less_is_refused(postgres: EmbeddedServer) -> None:
    with (
        pytest.raises(StartError, match="ALTER ROLE pisovereign_app BYPASSRLS"),
        snapshot(postgres.app_dsn),
    ):
        pass


_OF_TODAY = """
INSERT INTO jobs (user_id, queue, id, state) SELECT gen_random_uuid(), queue, gen_random_uuid(),
    state
FROM (VALUES ('outbox.mail', 'waiting'), ('outbox.mail', 'done'), ('whatsapp_inbox', 'waiting'))
    AS rows (queue, state)
"""
# Before there was one queue, and one log of events.
_OF_0010 = """
INSERT INTO sealing_keys (key_id) VALUES ('k');
INSERT INTO outbox (user_id, id, channel, about, subject, number, key_id, state, expires_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'mail', 'task', gen_random_uuid(), 0, 'k', state, now()
FROM (VALUES ('waiting'), ('sent')) AS rows (state);
INSERT INTO whatsapp_inbox (user_id, id, sender, kind, key_id, sent_at)
VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'text', 'k', now());
INSERT INTO event_owners (user_id, last_id) VALUES (gen_random_uuid(), 1);
INSERT INTO events (user_id, id, kind, subject, key_id, data)
SELECT user_id, 1, 'kind', user_id, 'k', '' FROM event_owners;
INSERT INTO agent_tasks (user_id, id, key_id, request, asked_by, status, last_event, finished_at)
SELECT user_id, gen_random_uuid(), 'k', '', '', 'failed', 1, now() FROM event_owners;
INSERT INTO agent_events (user_id, task_id, id, kind, key_id, data)
SELECT user_id, id, 1, 'kind', 'k', '' FROM agent_tasks;
"""


@pytest.mark.parametrize(("steps", "rows"), [(None, _OF_TODAY), (10, _OF_0010)])
def test_a_message_that_may_have_been_sent_since_is_not_sent_again(
    empty_dsn: str, postgres: EmbeddedServer, steps: int | None, rows: str
) -> None:
    dsn = make_conninfo(postgres.owner_dsn, dbname="waiting")
    with psycopg.connect(postgres.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE waiting")
    try:
        run_migrations(dsn, packaged_migrations()[:steps])
        with psycopg.connect(dsn) as connection:
            connection.execute(rows.encode())
        with snapshot(dsn) as found:
            manifest = Manifest(made_at=0, program="0", key_id="00" * 8, steps=found.steps())
            records = list(found.records())
    finally:
        with psycopg.connect(postgres.owner_dsn, autocommit=True) as connection:
            connection.execute("DROP DATABASE waiting WITH (FORCE)")
    load(empty_dsn, manifest, iter(records))
    with psycopg.connect(empty_dsn) as connection:
        jobs = connection.execute("SELECT queue, state, lease_until <= now() FROM jobs").fetchall()
        events = connection.execute("SELECT count(*) FROM events").fetchone()
    assert events == (2 if steps else 0,)
    # One whose sender vanished is reported as uncertain.
    assert sorted(jobs) == [
        ("outbox.mail", "done", None),
        ("outbox.mail", "running", True),
        ("whatsapp_inbox", "waiting", None),
    ]
