"""How many threads the model gets when nobody says so."""

from __future__ import annotations

import os
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")


def default_threads(topology: Path = _TOPOLOGY) -> int:
    """One below the physical cores this process may use, so that the API stays quick.

    Two threads on the two halves of one core are slower than one.
    """
    return max(1, physical_cores(topology) - 1)


def physical_cores(topology: Path = _TOPOLOGY) -> int:
    """Physical cores that this process may use."""
    return len({_core(topology, cpu) for cpu in os.sched_getaffinity(0)})


def _core(topology: Path, cpu: int) -> str:
    path = topology / f"cpu{cpu}" / "topology" / "thread_siblings_list"
    try:
        return path.read_text().strip()
    except OSError:
        # No topology (a container, another kernel): each processor counts as a core.
        return str(cpu)
