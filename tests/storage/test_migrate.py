from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pisovereign.errors import StartError
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.migrate import Migration, packaged_migrations, run_migrations

FIRST = Migration(1, "first", b"CREATE TABLE first (n integer)")
SECOND = Migration(2, "second", b"CREATE TABLE second (n integer)")


def applied(dsn: str) -> list[int]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT version FROM schema_migrations ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def test_packaged_files_are_numbered_without_gaps() -> None:
    migrations = packaged_migrations()
    assert [step.version for step in migrations] == list(range(1, len(migrations) + 1))
    assert migrations[0].name == "chat"


def test_the_schema_is_applied_once(empty_dsn: str) -> None:
    run_migrations(empty_dsn)
    run_migrations(empty_dsn)
    assert applied(empty_dsn) == [step.version for step in packaged_migrations()]


def test_only_new_steps_run(empty_dsn: str) -> None:
    run_migrations(empty_dsn, [FIRST])
    run_migrations(empty_dsn, [FIRST, SECOND])
    assert applied(empty_dsn) == [1, 2]


def test_processes_that_start_together_apply_it_once(empty_dsn: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(run_migrations, [empty_dsn] * 6))
    assert applied(empty_dsn) == [step.version for step in packaged_migrations()]


def test_a_newer_database_is_refused(empty_dsn: str) -> None:
    run_migrations(empty_dsn, [FIRST, SECOND])
    with pytest.raises(StartError, match=r"newer \(2\) than this program \(1\)"):
        run_migrations(empty_dsn, [FIRST])


def test_a_changed_file_is_refused(empty_dsn: str) -> None:
    run_migrations(empty_dsn, [FIRST])
    with pytest.raises(StartError, match=r"0001_first\.sql"):
        run_migrations(empty_dsn, [FIRST._replace(sql=FIRST.sql + b" "), SECOND])
    assert applied(empty_dsn) == [1]


def test_a_step_that_fails_leaves_nothing_behind(empty_dsn: str) -> None:
    broken = Migration(2, "broken", SECOND.sql + b"; SELECT 1/0")
    with pytest.raises(StartError, match="division by zero"):
        run_migrations(empty_dsn, [FIRST, broken])
    assert applied(empty_dsn) == [1]
    with psycopg.connect(empty_dsn) as connection:
        assert connection.execute("SELECT to_regclass('second')").fetchone() == (None,)


def test_every_owned_table_is_under_a_forced_policy(postgres: EmbeddedServer) -> None:
    with psycopg.connect(postgres.owner_dsn) as connection:
        rows = connection.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
            " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'user_id' AND c.relkind = 'r' AND NOT a.attisdropped"
        ).fetchall()
    assert {"conversations", "messages"} <= {row[0] for row in rows}
    assert [row for row in rows if not (row[1] and row[2])] == []


def test_the_tables_owner_is_bound_by_the_policies_too(postgres: EmbeddedServer) -> None:
    """An ordinary login of the user's own server that an administrator prepared."""
    name = f"guest_{uuid4().hex}"
    with psycopg.connect(postgres.owner_dsn, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN".encode())
        admin.execute(f"CREATE DATABASE {name} OWNER {name}".encode())
        admin.execute(f"GRANT pisovereign_app TO {name} WITH ADMIN OPTION".encode())
        try:
            dsn = make_conninfo(postgres.owner_dsn, user=name, dbname=name)
            with pytest.raises(StartError, match="CREATE EXTENSION vector"):
                run_migrations(dsn)
            with psycopg.connect(postgres.owner_dsn, dbname=name, autocommit=True) as prepared:
                prepared.execute("CREATE EXTENSION vector")
            run_migrations(dsn)
            with psycopg.connect(dsn) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(
                    "INSERT INTO conversations (user_id, id) VALUES (%s, 'c')", (uuid4(),)
                )
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            admin.execute(f"REVOKE pisovereign_app FROM {name} CASCADE".encode())
            admin.execute(f"DROP ROLE {name}".encode())


def test_an_unreachable_database_is_a_clear_error(empty_dsn: str) -> None:
    with pytest.raises(StartError, match="could not be set up"):
        run_migrations(make_conninfo(empty_dsn, dbname="absent"))


def test_deleting_a_conversation_takes_its_messages(postgres: EmbeddedServer) -> None:
    user = uuid4()
    with psycopg.connect(postgres.app_dsn) as connection:
        connection.execute("SELECT set_config('pisovereign.user_id', %s, true)", (str(user),))
        connection.execute("INSERT INTO sealing_keys VALUES ('k') ON CONFLICT DO NOTHING")
        connection.execute("INSERT INTO conversations (user_id, id) VALUES (%s, 'c')", (user,))
        connection.execute(
            "INSERT INTO messages (id, user_id, conversation_id, role, key_id, content)"
            " VALUES (%s, %s, 'c', 'user', 'k', '')",
            (uuid4(), user),
        )
        connection.execute("DELETE FROM conversations WHERE user_id = %s", (user,))
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
        connection.rollback()
