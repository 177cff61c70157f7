"""What the processes hold and what is on the disk, at one moment of a long run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psycopg

from bench.resident import KIB_PER_MB, parent, rollup
from tests.support.server import Server

_TABLES = """
SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup FROM pg_stat_user_tables
"""
# The first part of a command line that fits names the process.
_NAMES = (
    ("pisovereign.engine", "engine"),
    ("pisovereign.runner", "runner"),
    ("pisovereign.cli.serve api", "gunicorn master"),
    ("pisovereign.cli.serve", "supervisor"),
    ("postgres", "PostgreSQL"),
)


class Held(msgspec.Struct, frozen=True):
    """What the processes of one name hold together.

    `own_mb` is memory of no file and not shared on purpose: a leak is there. PSS counts what is
    shared in proportion, and grows when another program of the machine that shares it ends.
    """

    processes: int = 0
    rss_mb: float = 0.0
    pss_mb: float = 0.0
    own_mb: float = 0.0
    handles: int = 0
    threads: int = 0


class Table(msgspec.Struct, frozen=True):
    """A table with its indexes: bytes, and rows as PostgreSQL estimates them."""

    size: int
    live: int
    dead: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One moment: `at_s` is counted from the begin of the load, folders are in bytes."""

    at_s: float
    processes: dict[str, Held]
    tables: dict[str, Table]
    folders: dict[str, int]


class Sampler:
    """Looks at one program with its database, and at the engine of another one.

    Args:
        program: What is under load.
        engines: The program whose engine computes for it.
    """

    def __init__(self, program: Server, engines: Server) -> None:
        self._program = program
        self._engines = engines
        self._database = psycopg.connect(program.owner_dsn(), autocommit=True)

    def close(self) -> None:
        """Close the connection to the database."""
        self._database.close()

    def take(self, at_s: float) -> Sample:
        """Return what there is now."""
        processes = _processes(self._program)
        engine = _processes(self._engines).get("engine")
        if engine is not None:
            processes["engine"] = engine
        rows = self._database.execute(_TABLES).fetchall()
        tables = {row[0]: Table(*row[1:]) for row in rows}
        return Sample(
            at_s=round(at_s, 1),
            processes=processes,
            tables=tables,
            folders=_folders(self._program.data_dir),
        )


def _processes(server: Server) -> dict[str, Held]:
    assert server.process is not None
    lines = {server.process.pid: "pisovereign.cli.serve", **server.descendants()}
    names = {pid: _name(line) for pid, line in lines.items()}
    found: dict[str, Held] = {}
    for pid, name in names.items():
        above = names.get(parent(pid))
        # gunicorn's children have the command line of their master.
        called = "API worker" if name == above == "gunicorn master" else name
        held = _held(pid)
        if held is not None:
            found[called] = _sum(found.get(called, Held()), held)
    return found


def _name(line: str) -> str:
    return next((name for part, name in _NAMES if part in line), "others")


def _held(pid: int) -> Held | None:
    try:
        fields = rollup(pid)
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except (OSError, KeyError):  # it has ended meanwhile
        return None
    threads = next(line.split()[1] for line in status.splitlines() if line.startswith("Threads:"))
    return Held(
        processes=1,
        rss_mb=fields["Rss"] / KIB_PER_MB,
        pss_mb=fields["Pss"] / KIB_PER_MB,
        own_mb=fields["Anonymous"] / KIB_PER_MB,
        handles=handles,
        threads=int(threads),
    )


def _sum(one: Held, other: Held) -> Held:
    pairs = zip(msgspec.structs.astuple(one), msgspec.structs.astuple(other), strict=True)
    return Held(*(round(a + b, 2) for a, b in pairs))


def _folders(data_dir: Path) -> dict[str, int]:
    """Return the size of each entry of the data folder, and that of the database where it is."""
    found = {entry.name: _size(entry) for entry in data_dir.iterdir() if entry.name != "postgres"}
    location = data_dir / "postgres" / "location"
    place = data_dir / "postgres"
    if location.is_file():
        place = Path(location.read_text(encoding="utf-8").strip())
    found["postgres"] = _size(place)
    return found


def _size(path: Path) -> int:
    if path.is_symlink():
        return 0
    if path.is_file():
        return path.stat().st_blocks * 512
    total = 0
    for entry in path.rglob("*"):
        try:
            if entry.is_file() and not entry.is_symlink():
                total += entry.stat().st_blocks * 512
        except OSError:  # it has gone meanwhile
            continue
    return total


def write_csv(path: Path, samples: Sequence[Sample]) -> None:
    """Write a line for each process of each sample, and for each table and folder."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("at_s", "what", "name", "value"))
        for sample in samples:
            for name, held in sample.processes.items():
                for what, value in msgspec.structs.asdict(held).items():
                    writer.writerow((sample.at_s, what, name, value))
            for name, one in sample.tables.items():
                writer.writerow((sample.at_s, "table_bytes", name, one.size))
            for name, size in sample.folders.items():
                writer.writerow((sample.at_s, "folder_bytes", name, size))
