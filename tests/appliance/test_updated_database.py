"""The database in a trial: what the new system changes, and that the old one finds it as it was."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import psycopg
import pytest

from pisovereign.appliance.database import ensure_schema
from pisovereign.errors import StartError
from pisovereign.storage.migrate import Migration, packaged_migrations, run_migrations
from pisovereign.updates.database import prepare_database
from pisovereign.updates.state import UpdateState, moved, write_state
from tests.appliance.conftest import Database, run_step

UPDATE = UpdateState(
    id="0123abcd",
    stage="trying",
    version="1.1.0",
    built=1,
    notes="",
    slot="b",
    before="1.0.0",
    changed_at=dt.datetime(2026, 11, 28, tzinfo=dt.UTC),
)
PRESENT = packaged_migrations()
NEWEST = PRESENT[-1].version
NEXT = Migration(NEWEST + 1, "next", b"ALTER TABLE memories DROP COLUMN summary CASCADE")
AFTER = Migration(NEWEST + 2, "after", b"SELECT 1 / 0")


def names(database: Database) -> set[str]:
    with psycopg.connect(database.dsn("postgres", "postgres")) as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in rows if name.startswith("pisovereign")}


def version(database: Database) -> int:
    with psycopg.connect(database.dsn("postgres")) as connection:
        row = connection.execute("SELECT max(version) FROM schema_migrations").fetchone()
    assert row is not None
    return int(row[0])


def prepare(database: Database, *, tried: bool, newest: int, update: UpdateState | None) -> None:
    maintenance = database.dsn("postgres", "postgres")
    prepare_database(maintenance, "pisovereign", update, tried=tried, newest=newest)


@pytest.fixture
def ready(home: Path, database: Database) -> Database:
    """A database as the present system left it, with something in it."""
    run_step("cluster", f"--home={home}")
    database.start()
    run_step("schema", f"--socket={database.socket}", f"--root={home}")
    with psycopg.connect(database.dsn("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'acknowledged' AS text")
    return database


def test_a_trial_that_does_not_work_leaves_the_database_as_it_was(ready: Database) -> None:
    for _ in range(2):  # the step may be repeated within a trial
        prepare(ready, tried=True, newest=NEXT.version, update=UPDATE)
        run_migrations(ready.dsn("postgres"), [*PRESENT, NEXT])
    assert names(ready) == {"pisovereign", "pisovereign_before_0123abcd"}
    assert version(ready) == NEXT.version

    # The system before starts, with the tables that the new one has changed.
    for _ in range(2):
        prepare(ready, tried=False, newest=NEWEST, update=UPDATE)
        run_migrations(ready.dsn("postgres"), PRESENT)
    assert names(ready) == {"pisovereign"}
    assert version(ready) == NEWEST
    with psycopg.connect(ready.dsn("postgres")) as connection:
        assert connection.execute("SELECT text FROM kept").fetchone() == ("acknowledged",)
        connection.execute("SELECT summary FROM memories")
    with psycopg.connect(ready.dsn("pisovereign_app")) as connection:
        assert connection.execute("SELECT count(*) FROM memories").fetchone() == (0,)


def test_one_that_is_cut_off_in_the_middle_of_its_migrations_too(ready: Database) -> None:
    prepare(ready, tried=True, newest=AFTER.version, update=UPDATE)
    with pytest.raises(StartError):
        run_migrations(ready.dsn("postgres"), [*PRESENT, NEXT, AFTER])
    assert version(ready) == NEXT.version
    prepare(ready, tried=False, newest=NEWEST, update=UPDATE)
    run_migrations(ready.dsn("postgres"), PRESENT)
    assert version(ready) == NEWEST


def test_a_kept_one_drops_the_copy_at_its_next_start(ready: Database) -> None:
    prepare(ready, tried=True, newest=NEXT.version, update=UPDATE)
    run_migrations(ready.dsn("postgres"), [*PRESENT, NEXT])
    prepare(ready, tried=False, newest=NEXT.version, update=UPDATE)
    run_migrations(ready.dsn("postgres"), [*PRESENT, NEXT])
    assert names(ready) == {"pisovereign"}
    assert version(ready) == NEXT.version


def test_without_a_copy_a_database_that_is_too_new_is_refused_and_left_alone(
    ready: Database,
) -> None:
    run_migrations(ready.dsn("postgres"), [*PRESENT, NEXT])
    for update in (None, UPDATE):
        prepare(ready, tried=False, newest=NEWEST, update=update)
        with pytest.raises(StartError, match="newer"):
            run_migrations(ready.dsn("postgres"), PRESENT)
    assert version(ready) == NEXT.version


def test_after_it_was_kept_the_copy_is_no_way_back(ready: Database) -> None:
    """Somebody starts the old system by hand: what was stored since must not vanish."""
    prepare(ready, tried=True, newest=NEXT.version, update=UPDATE)
    run_migrations(ready.dsn("postgres"), [*PRESENT, NEXT])
    prepare(ready, tried=False, newest=NEWEST, update=moved(UPDATE, "kept"))
    with pytest.raises(StartError, match="newer"):
        run_migrations(ready.dsn("postgres"), PRESENT)
    assert version(ready) == NEXT.version


def test_a_trial_that_nothing_will_check_changes_nothing(ready: Database, home: Path) -> None:
    """Whoever was served by it would lose what they stored, at the next power cut."""
    (home / "proc").mkdir()
    for folder in ("var/lib/pisovereign/updates", "run/pisovereign-update"):
        (home / folder).mkdir(parents=True)
    write_state(home / "var/lib/pisovereign/updates", UPDATE)
    slot, key = home / "proc/cmdline", home / "run/pisovereign-update/key"
    slot.write_text("root=PARTLABEL=system_b ro\n")
    with pytest.raises(StartError, match="did not begin"):
        ensure_schema(ready.socket, home)
    key.write_text("sk-trial\n")
    ensure_schema(ready.socket, home)
    key.unlink()
    slot.write_text("root=PARTLABEL=system_a ro\n")
    ensure_schema(ready.socket, home)


def test_nothing_is_copied_where_nothing_changes(ready: Database) -> None:
    prepare(ready, tried=True, newest=NEWEST, update=UPDATE)
    assert names(ready) == {"pisovereign"}
