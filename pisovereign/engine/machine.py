"""This machine: its cores, its processor, and the build of llama.cpp that is installed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from pathlib import Path

import msgspec

_TOPOLOGY = Path("/sys/devices/system/cpu")


def default_threads(topology: Path = _TOPOLOGY) -> int:
    """Return one less than the physical cores, so that the API stays quick.

    Two threads on the two halves of one core are slower than one.
    """
    return max(1, physical_cores(topology) - 1)


def physical_cores(topology: Path = _TOPOLOGY) -> int:
    """Return physical cores that this process may use."""
    return len({_core(topology, cpu) for cpu in os.sched_getaffinity(0)})


def _core(topology: Path, cpu: int) -> str:
    path = topology / f"cpu{cpu}" / "topology" / "thread_siblings_list"
    try:
        return path.read_text().strip()
    except OSError:
        # No topology (a container, another kernel): each processor counts as a core.
        return str(cpu)


_PACKAGE = "llama-cpp-python"


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The machine.

    Attributes:
        cpu: its name; a Raspberry Pi gives the board's.
        features: a hash over the instruction sets.
        cores: physical cores that this process may use.
        processors: the same with the two halves of a core counted apart.
        memory_gib: memory, rounded.
    """

    cpu: str
    features: str
    cores: int
    processors: int
    memory_gib: int


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """llama.cpp as it is installed: the package's version, and a hash over its libraries."""

    version: str
    libraries: str


def this_board(cpuinfo: Path = Path("/proc/cpuinfo")) -> Board:
    """Return what is known about this machine."""
    fields = _cpu_fields(cpuinfo)
    features = fields.get("flags") or fields.get("Features") or ""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Board(
        cpu=fields.get("model name") or fields.get("Model") or platform.machine(),
        features=_hash(features),
        cores=physical_cores(),
        processors=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / (1 << 30)),
    )


def this_build() -> Build:
    """Return the installed build, without loading it; empty texts if there is none."""
    try:
        package = importlib.metadata.distribution(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return Build(version="", libraries="")
    # pip's record has the checksum of every file.
    record = package.read_text("RECORD") or ""
    libraries = sorted(line for line in record.splitlines() if ".so" in line)
    return Build(version=package.version, libraries=_hash("\n".join(libraries)))


def _cpu_fields(cpuinfo: Path) -> dict[str, str]:
    text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
