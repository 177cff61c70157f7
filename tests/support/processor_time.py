"""How much of the processor a test takes, with all the programs that work for it.

A busy machine makes a test take longer, and far less more of the processor: so that is limited.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from time import process_time

import pytest

LIMIT_S = 5.0
# How many programs want each processor, and how much more a test may take of it then. They share
# caches, and who waits longer looks and draws more often: what takes 4 s alone took 5.1 beside the
# other tests, and half as much again beside programs that kept all processors busy.
_ALLOWANCES = ((3.0, 2.0), (1.0, 1.5))
# What `_work` takes on a virtual core of a server that does nothing else.
_USUAL_WORK_S = 0.045
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


def slowness() -> float:
    """Return how much longer than usual a processor takes for the same work: 1, or more.

    Where it is slow, or shares its caches and units with others, a second of it does less.
    """
    slow = max(1.0, max(_work() for _ in range(5)) / _USUAL_WORK_S)
    wanted = os.getloadavg()[0] / (os.cpu_count() or 1)
    return slow * next((more for least, more in _ALLOWANCES if wanted > least), 1.0)


def _work() -> float:
    before = process_time()
    total = 0
    for number in range(1_000_000):
        total += number * number % 7
    return process_time() - before


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
    """A plugin that fails tests which take more than the limit.

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
        if call.when == "call" and report.passed and item.get_closest_marker("soak") is None:
            took = _used_for(item) - self._began - self._shared
            if took > self._limit_s and took > self._limit_s * slowness():
                report.outcome = "failed"
                report.longrepr = (
                    f"{item.nodeid} took {took:.1f} s of the processor, more than"
                    f" {self._limit_s:g}: make it quicker, or a long one (tests/support/soak.txt)"
                )
        return report
