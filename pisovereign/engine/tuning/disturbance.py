"""How much of the processor others took while something was measured.

A figure that was taken beside other work says more about that work than about the settings. The
kernel counts what is needed to know: the time of all processors, and what a hypervisor took.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

# Of one processor: the kernel counts in hundredths of a second. The light load beside the
# measurement takes 0.1 of one, and is not counted. A tenth of a sample already makes two threads
# slow.
TOLERATED = 0.08
_TICKS = os.sysconf("SC_CLK_TCK")
# Of /proc/stat: user, nice, system, irq, softirq; guests are in the first two already.
_BUSY = (0, 1, 2, 5, 6)
_STOLEN = 7


class Moment(NamedTuple):
    """The counters at one moment, in seconds.

    Attributes:
        clock: of `time.monotonic`.
        busy: of all processors together, since the start of the machine.
        stolen: the same, of what a hypervisor gave to others.
        own: what this process computed.
    """

    clock: float
    busy: float
    stolen: float
    own: float


Look = Callable[[], Moment]


def look(proc: Path = Path("/proc")) -> Moment:
    """Return what has been counted until now; what the kernel does not tell stays 0."""
    counted = [0.0] * (_STOLEN + 1)
    with contextlib.suppress(OSError, ValueError):
        first = (proc / "stat").read_text("ascii").partition("\n")[0]
        counted = [int(field) / _TICKS for field in first.split()[1:]]
    return Moment(
        time.monotonic(),
        sum(counted[field] for field in _BUSY),
        counted[_STOLEN],
        time.process_time(),
    )


def others_share(before: Moment, after: Moment, *, known: float = 0.0) -> float:
    """Return how many processors others took between two moments; 0.5: half of one.

    Args:
        before: the first moment.
        after: the second one.
        known: processors that somebody takes who is not counted.
    """
    seconds = after.clock - before.clock
    if seconds <= 0:
        return 0.0
    busy = after.busy - before.busy + after.stolen - before.stolen
    others = busy - (after.own - before.own)
    return max(0.0, others / seconds - known)
