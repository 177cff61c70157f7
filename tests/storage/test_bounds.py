"""docs/retention.md says of every table what bounds it."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

from pisovereign.config.loading import settings
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.storage.embedded import EmbeddedServer

PAGE = Path(__file__).parent.parent.parent / "docs" / "retention.md"
_ROW = re.compile(r"^\| `([a-z_]+)` \| (.+) \|$", re.MULTILINE)
_SETTING = re.compile(r"`([a-z_]+\.[a-z_]+)`")


def test_every_table_has_its_bound(postgres: EmbeddedServer) -> None:
    with psycopg.connect(postgres.owner_dsn) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
        ).fetchall()
    tables = {row[0] for row in rows}
    assert {"messages", "audit_heads", "schema_migrations"} <= tables
    listed = [name for name, _ in _ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert listed == sorted(listed)
    assert set(listed) == tables


def test_the_settings_that_it_names_exist() -> None:
    named = set(_SETTING.findall(PAGE.read_text(encoding="utf-8")))
    known = {f"{section}.{name}" for section, name, _, _ in settings(WholeConfig)}
    assert "retention.audit_days" in named
    assert named <= known
