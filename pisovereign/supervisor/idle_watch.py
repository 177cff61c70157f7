"""How long nobody has asked the engine, and how long nothing else has computed either."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pisovereign.engine.tuning.disturbance import Look, look, others_share

# Being asked for its health now and then takes an engine less than this share of a processor.
_ASKED = 0.05
# What the program takes while nobody uses it stays below so many processors.
_LOADED = 0.2
_LOOK_S, _WINDOW_S = 0.4, 10.0
_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12


class Idle(NamedTuple):
    """Seconds in which nobody asked the engine, and in which the machine had little to do."""

    unasked_s: float
    unloaded_s: float


def processor_time(pid: int, proc: Path = Path("/proc")) -> float:
    """Return seconds that a process has computed; 0: there is none."""
    try:
        fields = (proc / str(pid) / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
    except (OSError, ValueError, IndexError):
        return 0.0


def resident_bytes(pid: int, proc: Path = Path("/proc")) -> int:
    """Return the memory of a process with what it has mapped and read; 0: there is none."""
    try:
        pages = (proc / str(pid) / "statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class IdleWatch:
    """Looks at what the kernel counts: so no request is missed, whoever makes it.

    Args:
        look: tells what all processors computed until now.
        computed: tells what a process computed until now.
    """

    def __init__(
        self, look: Look = look, computed: Callable[[int], float] = processor_time
    ) -> None:
        self._look = look
        self._computed = computed
        self._pid, self._engine = 0, 0.0
        self._seen = self._window = look()
        self._asked = self._loaded = self._seen.clock

    def see(self, pid: int) -> Idle:
        """Look again, and return what was seen.

        Args:
            pid: the engine's.
        """
        now = self._look()
        elapsed = now.clock - self._seen.clock
        if elapsed >= _LOOK_S or pid != self._pid:
            computed = self._computed(pid)
            # Another engine has just been loaded.
            if pid != self._pid or computed - self._engine > _ASKED * elapsed:
                self._asked = now.clock
            self._pid, self._engine, self._seen = pid, computed, now
        if now.clock - self._window.clock >= _WINDOW_S:
            if others_share(self._window, now) > _LOADED:
                self._loaded = now.clock
            self._window = now
        return Idle(now.clock - self._asked, now.clock - self._loaded)
