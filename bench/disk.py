"""How long the disk takes to keep a promise; each acknowledged message costs one of these."""

from __future__ import annotations

import os
import statistics
import tempfile
import time

WRITES = 100
PAGE = b"\0" * 8192  # PostgreSQL's unit


def fdatasync_ms() -> float:
    """Return the median time to write a page durably, in the folder for temporary files.

    The program's database lies on the same disk, if that is not a disk in memory.
    """
    times = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(WRITES):
            started = time.perf_counter()
            file.write(PAGE)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return round(statistics.median(times) * 1000, 3)
