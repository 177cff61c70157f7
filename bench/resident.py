"""Memory and CPU of the program's processes, as the kernel counts them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from tests.support.server import Server

KIB_PER_MB = 1024


class Memory(msgspec.Struct, frozen=True):
    """One process or a group: `rss_mb` counts shared pages in full, `pss_mb` in proportion."""

    name: str
    processes: int
    rss_mb: float
    pss_mb: float


def of_program(server: Server) -> list[Memory]:
    """Return the API's worker, its gunicorn master, the supervisor, and PostgreSQL in one sum."""
    assert server.process is not None
    supervisor = server.process.pid
    master = server.child("pisovereign.cli.serve api")
    lines = server.descendants()
    workers = [pid for pid in lines if parent(pid) == master]
    postgres = [pid for pid, line in lines.items() if "postgres" in line.split(" ")[0]]
    return [
        _measure("API worker", workers),
        _measure("gunicorn master", [master]),
        _measure("supervisor", [supervisor]),
        _measure("PostgreSQL", postgres),
    ]


def of_engine(server: Server) -> Memory:
    """Return the process that computes."""
    return _measure("engine", [server.child("pisovereign.engine.main")])


def of_child(program: str) -> Memory:
    """Return this process's child whose command line has a word."""
    return _measure(program, _children(program))


def cpu_s_of_child(program: str) -> float:
    """Return the seconds of CPU that it has taken; what else the machine does is not in it."""
    ticks = 0
    for pid in _children(program):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU of all threads that a process has, to the nanosecond."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def api_worker(server: Server) -> int:
    """Return the process id of the API's worker."""
    master = server.child("pisovereign.cli.serve api")
    return next(pid for pid in server.descendants() if parent(pid) == master)


def child(program: str) -> int:
    """Return the process id of this process's newest child whose command line has a word."""
    return max(_children(program))


def _children(program: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        with contextlib.suppress(OSError):
            if parent(pid) == os.getpid() and program.encode() in (folder / "cmdline").read_bytes():
                found.append(pid)
    return found


def parent(pid: int) -> int:
    """Return the parent's process id, 0 when the process is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _measure(name: str, pids: list[int]) -> Memory:
    rss = pss = 0
    for pid in pids:
        fields = rollup(pid)
        rss += fields["Rss"]
        pss += fields["Pss"]
    return Memory(name, len(pids), round(rss / KIB_PER_MB, 1), round(pss / KIB_PER_MB, 1))


def rollup(pid: int) -> dict[str, int]:
    """Return the fields of smaps_rollup, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    pairs = (line.partition(":") for line in lines)
    return {name: int(value.split()[0]) for name, _, value in pairs}
