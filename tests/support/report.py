"""What a run says at its end: how long it took, the slowest tests, and the time by package."""

from __future__ import annotations

import time
from collections import defaultdict

import pytest

SLOWEST = 10


class RunReport:
    """A plugin of the process that starts the others, or does all by itself."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._tests: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # Setting up and cleaning up are a test's, too.
        self._tests[report.nodeid] += report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        took = time.monotonic() - self._began
        if not self._tests:
            return
        packages: dict[str, float] = defaultdict(float)
        for test, seconds in self._tests.items():
            packages[package_of(test)] += seconds
        parts = (f"{name} {seconds:.0f}" for name, seconds in _most_first(packages) if seconds > 1)
        terminalreporter.section("time")
        terminalreporter.line("slowest: seconds with the fixtures that were made for it")
        for test, seconds in _most_first(self._tests)[:SLOWEST]:
            terminalreporter.line(f"{seconds:7.1f} {test}")
        terminalreporter.line(f"seconds by package: {', '.join(parts)}")
        terminalreporter.line(f"{len(self._tests)} tests in {clock(took)}")


def _most_first(seconds: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda item: -item[1])


def package_of(test: str) -> str:
    """Return the folder of `tests/` in which a test lies."""
    parts = test.partition("::")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
