"""A database that is ready for use: making one takes longer than all the rest of a start."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.layout import plan_layout, postgres_folder
from pisovereign.storage.migrate import run_migrations
from tools.test_run import IN_MEMORY, TestRun, has_room_in_memory

TEMPLATE = "fresh"
"""The name of a database in each cluster that is migrated, and stays empty."""


@cache
def quick_folder() -> Path:
    """Where databases are kept: in memory, if there is room."""
    run = TestRun.current()
    if run is not None:
        return run.in_memory
    return IN_MEMORY if has_room_in_memory() else Path(tempfile.gettempdir())


def lay_cluster(data_dir: Path) -> None:
    """Put a database into a data folder that never had one: migrated, and empty."""
    if (data_dir / "postgres").exists():
        return
    ready = _ready_cluster()
    layout = plan_layout(postgres_folder(data_dir))
    if layout.location is None:
        _copy(ready, layout.cluster)
        return
    home = open_folder("pisov-cluster-")
    _copy(ready, home / "cluster")
    layout.location.write_text(f"{home}\n")


def remove_cluster(location: Path) -> None:
    """Delete what a data folder's `postgres/location` names."""
    shutil.rmtree(location.read_text().strip(), ignore_errors=True)


def remove_ready_cluster() -> None:
    """Delete the folder that others are copies of, if there is one."""
    if _ready_cluster.cache_info().currsize:
        shutil.rmtree(_ready_cluster().parents[1], ignore_errors=True)
        _ready_cluster.cache_clear()


def open_folder(prefix: str) -> Path:
    """A new folder that every user can enter, for databases."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=quick_folder()))
    folder.chmod(0o755)
    return folder


def _copy(ready: Path, cluster: Path) -> None:
    # With its owner, who is not us if we are root.
    subprocess.run(["cp", "-a", ready, cluster], check=True)


@cache
def _ready_cluster() -> Path:
    """The folder to copy, made by the program's own means once a process."""
    folder = open_folder("pisov-cluster-")
    server = EmbeddedServer(folder)
    try:
        server.start()
        run_migrations(server.owner_dsn)
        _make_template(server.owner_dsn)
    finally:
        server.stop()
    return folder / "postgres" / "cluster"


def _make_template(owner_dsn: str) -> None:
    """Keep an empty database beside the program's own, which is in use when others are made."""
    address = conninfo_to_dict(owner_dsn)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} IS_TEMPLATE true STRATEGY file_copy")
    names = (sql.Identifier(TEMPLATE), sql.Identifier(str(address["dbname"])))
    with psycopg.connect(make_conninfo(owner_dsn, dbname="postgres"), autocommit=True) as owner:
        owner.execute(statement.format(*names))
