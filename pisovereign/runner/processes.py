"""Processes of a command, as the kernel tells of them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """One process; memory is what is resident, in bytes."""

    pid: int
    parent: int
    threads: int
    memory: int


def descendants(root: int) -> list[Process]:
    """Return all that `root` started, directly or not, unless another process adopted it."""
    by_parent: dict[int, list[Process]] = {}
    for process in _all():
        by_parent.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    frontier = [root]
    while frontier:
        children = by_parent.pop(frontier.pop(), [])
        found += children
        frontier += [child.pid for child in children]
    return found


def threads_of(uid: int) -> int:
    """Return how many threads run as a user, which is what RLIMIT_NPROC counts."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    count += _read(int(entry.name)).threads
            except OSError:
                continue
    return count


def _all() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - a thousand names, several times a second
        if name.isdigit():
            try:
                yield _read(int(name))
            except OSError:
                continue


def _read(pid: int) -> Process:
    """Return one process.

    Raises:
        OSError: it is gone.
    """
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - see above
        # The name, in brackets, may hold anything.
        fields = file.read().rpartition(b")")[2].split()
    return Process(pid, int(fields[1]), int(fields[17]), int(fields[21]) * _PAGE)


def kill_descendants(limit_s: float = 5.0) -> bool:
    """Kill everything that this process started, again until nothing is left.

    It must be the one that adopts orphans (`PR_SET_CHILD_SUBREAPER`). Returns False when something
    is left after `limit_s`: the kernel does not end a process that waits for a device.
    """
    deadline = time.monotonic() + limit_s
    while left := descendants(os.getpid()):
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)
        reap()
        if time.monotonic() > deadline:
            return False
    return True


def reap() -> dict[int, int]:
    """Reap the children that have ended, and return their wait statuses."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status
