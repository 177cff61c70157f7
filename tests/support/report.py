"""What a run says at its end: how long it took, the slowest tests, and the time by package."""

from __future__ import annotations

import time
from collections import defaultdict

import pytest

from tests.support.processor_time import TOOK
from tools import test_times


class RunReport:
    """A plugin of the process that starts the others, or does all by itself."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._tests: dict[str, float] = defaultdict(float)
        self._long: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # Setting up and cleaning up are a test's, too.
        self._tests[report.nodeid] += report.duration
        for name, seconds in report.user_properties:
            if name == TOOK and isinstance(seconds, float):
                self._long[report.nodeid] = seconds

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        took = time.monotonic() - self._began
        if not self._tests:
            return
        terminalreporter.section("time")
        for line in test_times.lines(self._tests, took):
            terminalreporter.line(line)
        for test, seconds in self._long.items():
            terminalreporter.line(
                f"{test} took {seconds:.1f} s of the processor: make it quicker, or a long one"
                " (tests/support/soak.txt)"
            )
