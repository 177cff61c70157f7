"""Run the long tests: kills, thousands of requests, property tests with many more examples.

`--durable` runs those of `tests/support/durable.txt`: a selection of what must not lose anything,
short enough for CI. All of them are run before a change of what they test is called done, and what
that came to is noted in `tools/last_runs.toml`.
"""

import argparse
import os
import subprocess
import tempfile
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import test_times
from tools.checks import compile_program
from tools.last_runs import Run
from tools.test_run import TestRun, interrupt

DURABLE = "tests/support/durable.txt"
# Short ones that hypothesis marks are one part together: each alone takes a moment.
PROPERTIES = "property tests"
OPTIONS = ("--hypothesis-profile=soak", "--timeout=1200", "-o", "junit_family=xunit1")
AT_ONCE = 2

RunPart = Callable[[str], int]


def main(root: Path, python: Path, arguments: Sequence[str]) -> int:
    """Run all parts, or only the selection; 0 if none of them failed, or left anything behind."""
    durable = _parse(arguments).durable
    compile_program(root, python)
    arguments_of = selection(root) if durable else parts(root, python)
    noted = None if durable else Run(root, "soak")
    began = time.monotonic()
    run = TestRun.begin()
    with tempfile.TemporaryDirectory(prefix="pisov-reports-") as reports:
        pytests = Pytests(root, python, Path(reports), run.environment_of_pytest())
        try:
            failed = run_parts(
                list(arguments_of), lambda part: pytests.run(arguments_of[part]), pytests.stop
            )
        finally:
            left = run.end()
            for line in left:
                print(f"left behind: {line}", flush=True)
    print(*test_times.lines(pytests.seconds, time.monotonic() - began), sep="\n", flush=True)
    if noted is not None:
        noted.write(len(arguments_of), [*failed, *(["what was left behind"] if left else [])])
    return 1 if failed or left else 0


class Pytests:
    """The processes that run parts, each of which says nothing if all passed.

    Attributes:
        seconds: How long each test took, by pytest's name of it.
    """

    def __init__(
        self, root: Path, python: Path, reports: Path, environment: Mapping[str, str]
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._root, self._python, self._reports = root, python, reports
        self._environment = environment
        self._running: set[subprocess.Popen[str]] = set()

    def run(self, arguments: Sequence[str]) -> int:
        """Run a part and return pytest's exit code."""
        report = self._reports / f"{uuid.uuid4()}.xml"
        command = [str(self._python), "-m", "pytest", *OPTIONS, f"--junitxml={report}", *arguments]
        process = subprocess.Popen(
            command,
            cwd=self._root,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.add(process)
        said, _ = process.communicate()
        self._running.discard(process)
        if process.returncode:
            print(said, flush=True)
        self.seconds |= seconds(report)
        return process.returncode

    def stop(self) -> None:
        """Let those that run end as by Ctrl-C."""
        for process in list(self._running):
            interrupt(process, heard=True)


def selection(root: Path) -> dict[str, list[str]]:
    """Return what pytest is given for each part of the selection: a folder's files and tests."""
    lines = (root / DURABLE).read_text("utf-8").splitlines()
    return _by_folder(line for line in lines if line and not line.startswith("#"))


def parts(root: Path, python: Path) -> dict[str, list[str]]:
    """Return what pytest is given for each part: all property tests, and a folder's long files.

    The first takes longest, so nothing waits for it at the end.
    """
    command = [str(python), "-m", "pytest", "-m", "soak", "--collect-only", "-qq"]
    # Not as somebody wants to read it.
    plain = os.environ | {"PYTEST_ADDOPTS": ""}
    listed = subprocess.run(
        command, cwd=root, env=plain, check=True, capture_output=True, text=True
    ).stdout
    files = [line.rpartition(":")[0] for line in listed.splitlines() if line.startswith("tests/")]
    return {PROPERTIES: ["-m", "hypothesis and not soak"]} | _by_folder(files)


def _by_folder(tests: Iterable[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for test in tests:
        folder = str(Path(test.partition("::")[0]).parent)
        folders.setdefault(folder, ["-m", "soak"]).append(test)
    return folders


def run_parts(
    names: Sequence[str],
    run: RunPart,
    stop: Callable[[], None],
    clock: Callable[[], float] = time.monotonic,
    at_once: int = AT_ONCE,
) -> list[str]:
    """Run parts beside each other, say what became of each, and return which failed.

    Whoever interrupts this waits only until `stop` has ended those that run.
    """

    def attempt(name: str) -> int:
        began = clock()
        code = run(name)
        outcome = "failed" if code else "passed"
        print(f"soak: {name}: {outcome}, {clock() - began:.0f} s", flush=True)
        return code

    with ThreadPoolExecutor(at_once) as pool:
        try:
            codes = list(pool.map(attempt, names))
        except BaseException:
            stop()
            raise
    failed = [name for name, code in zip(names, codes, strict=True) if code]
    print(f"soak: {len(names)} parts ran; failed: {', '.join(failed) or 'none'}", flush=True)
    return failed


def seconds(report: Path) -> Mapping[str, float]:
    """Return how long each test took, by its name, from a report of pytest; none if it died."""
    if not report.exists():
        return {}
    cases = ET.parse(report).iter("testcase")
    return {f"{_file(case)}::{case.get('name')}": float(case.get("time", 0)) for case in cases}


def _file(case: ET.Element) -> str:
    """Return the file of a test; a library that makes tests names its own."""
    named = case.get("file", "")
    if named.startswith("tests/"):
        return named
    return f"{case.get('classname', '').replace('.', '/')}.py"


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--durable", action="store_true", help="only the selection that CI runs")
    return parser.parse_args(arguments)
