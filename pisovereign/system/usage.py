"""What the program takes of the machine."""

from __future__ import annotations

import contextlib
import threading
import time

import psutil

MIB = 1024 * 1024
_LEAST_SPAN_S = 0.5  # the share of a shorter time says nothing


class Usage:
    """Memory of all our processes, and how busy the machine is.

    Args:
        root_pid: The process whose descendants all of ours are.
    """

    def __init__(self, root_pid: int) -> None:
        self._root_pid = root_pid
        self._lock = threading.Lock()
        self._cpu_percent = 0.0
        self._sampled_at = time.monotonic()
        psutil.cpu_percent()  # the first reading is the beginning of the second one's time

    def memory_mb(self) -> int:
        """Memory that our processes take, in MiB; what they share counts once."""
        try:
            root = psutil.Process(self._root_pid)
            processes = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        return round(sum(_memory(process) for process in processes) / MIB)

    def cpu_percent(self) -> float:
        """Share of all cores that was busy since the last reading, by anyone, 0 to 100."""
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
