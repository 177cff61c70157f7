"""How much of the processor a test takes, with all the programs that work for it.

A busy machine makes a test take longer, and less more of the processor: so that is what is told.
It fails no test, as the same work takes more than twice as much where others share the processor.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from time import process_time

import pytest

LIMIT_S = 5.0
TOOK = "seconds of the processor"
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_WALKS = 100
_OF_A_TEST = "function"


def used() -> float:
    """Return the seconds that this process, its descendants, and those they waited for took."""
    for _ in range(_WALKS):
        # Of one that ends meanwhile neither it nor who waited for it would tell.
        with suppress(OSError):
            return _ticks() / _TICKS_A_SECOND
    return process_time()


def _ticks() -> int:
    """Return the same in ticks.

    Raises:
        OSError: a process or a thread has ended meanwhile.
    """
    ticks = 0
    found = [os.getpid()]
    for process in found:  # it grows meanwhile
        fields = _read(f"/proc/{process}/stat").rpartition(b")")[2].split()
        ticks += sum(map(int, fields[11:15]))
        for task in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208 - a third of the time
            found += map(int, _read(f"/proc/{process}/task/{task}/children").split())
    return ticks


def _read(path: str) -> bytes:
    """Return a small file; this is done thousands of times a minute."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 1 << 16)
    finally:
        os.close(descriptor)


def _used_for(item: pytest.Item) -> float:
    """What counts for a test; most start nothing, and looking through processes takes longer."""
    return used() if item.get_closest_marker("process") is not None else process_time()


class ProcessorTime:
    """A plugin that notes with each report of a test how much it took, if that is too much.

    What fixtures of more than one test take, such as a program's start, is not a test's own.

    Args:
        limit_s: Seconds of the processor.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._began = 0.0
        self._shared = 0.0
        self._within_shared = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._began, self._shared = _used_for(item), 0.0
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        if self._within_shared or fixturedef.scope == _OF_A_TEST:
            return (yield)
        self._within_shared = True
        before = used()
        try:
            return (yield)
        finally:
            self._shared += used() - before
            self._within_shared = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" and item.get_closest_marker("soak") is None:
            took = _used_for(item) - self._began - self._shared
            if took > self._limit_s:
                report.user_properties.append((TOOK, took))
        return report
