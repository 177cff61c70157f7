"""Use of the machine by the program."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import Literal

import msgspec
import psutil

MIB = 1024 * 1024
_OWN_SERVICE = "pisovereign.service"
Part = Literal["api", "engine", "database", "runner", "backup", "supervisor", "other"]
_LEAST_SPAN_S = 0.5  # the share of a shorter time says nothing


_COMMANDS: tuple[tuple[str, Part], ...] = (
    ("pisovereign.engine.main", "engine"),
    ("pisovereign.runner", "runner"),
    ("pisovereign.backup", "backup"),
    ("cli.serve api", "api"),
    ("pisovereign", "supervisor"),
)
_SERVICES: dict[str, Part] = {
    "pisovereign": "api",
    "pisovereign-engine": "engine",
    "pisovereign-postgres": "database",
    "pisovereign-runner": "runner",
    "pisovereign-runner-network": "runner",
    "pisovereign-backup": "backup",
}


class ProcessMemory(msgspec.Struct, frozen=True):
    """A part of the program, and the memory of its processes in MiB."""

    part: str
    memory_mb: int


class Usage:
    """Measures the memory of all our processes, and how busy the machine is.

    Args:
        root_pid: The process whose descendants all of ours are.
        groups: Where systemd has a control group for each of our services, if it started them.
    """

    def __init__(self, root_pid: int, groups: Path | None = None) -> None:
        self._root_pid = root_pid
        self._groups = groups
        self._lock = threading.Lock()
        self._cpu_percent = 0.0
        self._sampled_at = time.monotonic()
        psutil.cpu_percent()  # the first reading is the beginning of the second one's time

    def memory_mb(self) -> int:
        """Return the memory of our processes in MiB; what they share counts once."""
        if self._groups is not None and (taken := _memory_of_services(self._groups)):
            return round(taken / MIB)
        try:
            root = psutil.Process(self._root_pid)
            processes = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        return round(sum(_memory(process) for process in processes) / MIB)

    def processes(self) -> list[ProcessMemory]:
        """Return what each of our parts takes, the largest first."""
        taken: dict[str, int] = {}
        if self._groups is not None:
            for file in self._groups.glob("pisovereign*.service/memory.stat"):
                part = _SERVICES.get(file.parent.name.removesuffix(".service"), "other")
                taken[part] = taken.get(part, 0) + _memory_of_group(file)
        else:
            with contextlib.suppress(psutil.NoSuchProcess):
                root = psutil.Process(self._root_pid)
                for process in (root, *root.children(recursive=True)):
                    part = _part(process)
                    taken[part] = taken.get(part, 0) + _memory(process)
        listed = [ProcessMemory(part, round(size / MIB)) for part, size in taken.items() if size]
        return sorted(listed, key=lambda process: -process.memory_mb)

    def cpu_percent(self) -> float:
        """Return the share of all cores that was busy since the last reading, 0 to 100."""
        with self._lock:
            if time.monotonic() - self._sampled_at >= _LEAST_SPAN_S:
                self._cpu_percent = psutil.cpu_percent()
                self._sampled_at = time.monotonic()
            return self._cpu_percent


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.NoSuchProcess):
        try:
            return int(process.memory_full_info().pss)
        except psutil.AccessDenied:  # another account's, such as PostgreSQL's
            return int(process.memory_info().rss)
    return 0


def service_groups(
    own: Path = Path("/proc/self/cgroup"), mounted: Path = Path("/sys/fs/cgroup")
) -> Path | None:
    """Return the folder with the control groups of our services; None: we are not one."""
    try:
        group = own.read_text(encoding="ascii").strip().rpartition("::")[2]
    except OSError:
        return None
    place, _, name = group.rpartition("/")
    return mounted / place.lstrip("/") if name == _OWN_SERVICE else None


def _memory_of_services(groups: Path) -> int:
    """Return bytes, without what the kernel only keeps of files; 0 if it does not count."""
    return sum(map(_memory_of_group, groups.glob("pisovereign*.service/memory.stat")))


def _memory_of_group(file: Path) -> int:
    with contextlib.suppress(OSError):  # it has just ended
        fields = dict(line.split() for line in file.read_text().splitlines())
        return int(fields.get("anon", 0)) + int(fields.get("file_mapped", 0))
    return 0


def _part(process: psutil.Process) -> Part:
    """Return which of our parts a process belongs to, as its command line tells."""
    with contextlib.suppress(psutil.Error):
        if process.name().startswith("postgres"):
            return "database"
        line = " ".join(process.cmdline())
        return next((part for text, part in _COMMANDS if text in line), "other")
    return "other"
