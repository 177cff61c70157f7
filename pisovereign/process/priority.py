"""Leaving the processor to others first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


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
            Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")
