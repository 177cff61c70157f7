"""Leaving the processor to others first."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

# The kernel takes one such change in a tenth of a second, whoever asks for it.
_PAUSE_S, _TRIES = 0.1, 10
MOST_EXPENDABLE = 1000
"""The score of a process that the kernel ends first when memory runs out."""


def lower_priority(niceness: int) -> None:
    """Have this process compute after others that want to, as far as that is allowed.

    Linux may share the processor between sessions before it does between processes (autogroups):
    then the niceness of a session counts, and that of its leader is made the session's.

    Args:
        niceness: 1 to 19, as for `nice`.
    """
    # A service's filter may forbid it.
    with contextlib.suppress(OSError):
        os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            _lower_session(niceness)


def set_kill_order(pid: int, score: int) -> int | None:
    """Set how soon the kernel ends a process, and those it starts, when memory runs out.

    Returns what it was; None if that failed.
    """
    path = Path(f"/proc/{pid}/oom_score_adj")
    with contextlib.suppress(OSError, ValueError):
        usual = int(path.read_text("ascii"))
        path.write_text(str(score), "ascii")
        return usual
    return None


def _lower_session(niceness: int) -> None:
    for _ in range(_TRIES):
        try:
            Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        else:
            return
