"""A light background load for the measurement, such as the API, database and event loop cause.

Without it, threads on every core look better than they are: nothing ever takes one away. Streaming
200 tokens a second costs the rest of the program a few hundredths of a core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pisovereign.process.parent_death import die_with_parent

_PERIOD_S, _BUSY_S = 0.010, 0.001
# Of one processor.
SHARE = _BUSY_S / _PERIOD_S
_STOP_S = 5.0


@contextmanager
def background_load() -> Iterator[None]:
    """Run the load in a process of its own while the body runs."""
    process = subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid())])
    try:
        yield
    finally:
        process.kill()
        process.wait(_STOP_S)


def _work() -> None:
    """Be busy for a tenth of the time."""
    while True:
        busy_until = time.perf_counter() + _BUSY_S
        while time.perf_counter() < busy_until:
            pass
        time.sleep(_PERIOD_S - _BUSY_S)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    _work()
