"""Ports that nobody else is given: no other process that runs tests, and no second caller in this.

A port is looked for long before a program listens on it. Meanwhile a second run on this machine,
or another process of this run, must not find the same one free.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from secrets import SystemRandom
from threading import Lock

# Not those that connections are given, which begin at 32768.
FIRST, END = 20_000, 32_000
AT_ONCE = 50


class OwnPorts:
    """Hands out ports, each once, from ranges that belong to this process until it ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names: list[socket.socket] = []
        self._ports = self._from_own_ranges()

    def take(self) -> int:
        """Return the next port that nobody listens on."""
        with self._lock:
            return next(self._ports)

    def _from_own_ranges(self) -> Iterator[int]:
        starts = range(FIRST, END, AT_ONCE)
        for start in SystemRandom().sample(starts, len(starts)):
            if (name := reserved(start)) is None:
                continue
            self._names.append(name)
            yield from filter(_is_free, range(start, start + AT_ONCE))
        raise AssertionError("other processes have taken all ports for tests")


def reserved(start: int) -> socket.socket | None:
    """Reserve a range; None if another process has it.

    The name is one without a file, which the kernel gives to one socket only, in all that shares
    these ports, and takes back with the process, however that ends.
    """
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0pisovereign-tests-ports-{start}")
    except OSError:
        name.close()
        return None
    return name


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
