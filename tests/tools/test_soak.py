"""Soak runs its parts beside each other, and says which failed and where the time went."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import tiers
from tests.support.server import wait_until
from tools import soak, test_times
from tools.soak import PROPERTIES, run_parts

PARTS = ["tests/agents", "tests/memory", "tests/runner", PROPERTIES]


def refuse_to_stop() -> None:
    raise AssertionError("nobody interrupts it")


def running(codes: dict[str, int], ran: list[str]) -> Callable[[str], int]:
    def run(part: str) -> int:
        ran.append(part)
        return codes.get(part, 0)

    return run


def test_all_parts_run_in_the_order_in_which_they_are_given() -> None:
    ran = list[str]()
    assert run_parts(PARTS, running({}, ran), refuse_to_stop, at_once=1) == []
    assert ran == PARTS


def test_a_part_that_fails_is_named_and_keeps_no_other_from_running(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran = list[str]()
    assert run_parts(PARTS, running({PARTS[1]: 1}, ran), refuse_to_stop, at_once=1) == [PARTS[1]]
    assert ran == PARTS
    said = capsys.readouterr().out
    assert f"{PARTS[0]}: passed" in said
    assert f"{PARTS[1]}: failed" in said
    assert f"4 parts ran; failed: {PARTS[1]}" in said


def test_what_runs_is_stopped_if_somebody_interrupts() -> None:
    stopped = threading.Event()

    def run(part: str) -> int:
        if part == PARTS[1]:
            raise KeyboardInterrupt
        return 0 if stopped.wait(60) else 1

    with pytest.raises(KeyboardInterrupt):
        run_parts(PARTS[1:3], run, stopped.set)
    assert stopped.is_set()


PROFILE = "import hypothesis\nhypothesis.settings.register_profile('soak')\n"
WAITING = """
import os, pathlib, time

def test_it(tmp_path):
    begun = pathlib.Path({begun!r})
    begun.with_suffix(".new").write_text(str(os.getpid()))
    begun.with_suffix(".new").rename(begun)
    time.sleep(600)
"""


def test_a_part_that_is_stopped_ends_at_once(tmp_path: Path) -> None:
    """A terminal tells all processes of a run."""
    begun, file = tmp_path / "begun", tmp_path / "test_sample.py"
    file.write_text(WAITING.format(begun=str(begun)), encoding="utf-8")
    alone = [
        "-c",
        str(tmp_path / "pytest.ini"),
        f"--rootdir={tmp_path}",
        f"--basetemp={tmp_path / 'own'}",
    ]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(PROFILE)
    pytests = soak.Pytests(tiers.ROOT, Path(sys.executable), tmp_path, os.environ)
    with ThreadPoolExecutor(1) as pool:
        part = pool.submit(pytests.run, [*alone, str(file)])
        wait_until(begun.exists, 60, "the test")
        os.kill(int(begun.read_text()), signal.SIGINT)
        pytests.stop()
        assert part.result(60) == pytest.ExitCode.INTERRUPTED


def test_a_part_is_named_with_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((10.0, 71.6))
    run_parts(PARTS[:1], running({}, []), refuse_to_stop, clock=times.__next__)
    assert "soak: tests/agents: passed, 62 s" in capsys.readouterr().out


REPORT = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">
<testsuite name="pytest" errors="0" failures="0" skipped="0" tests="3" time="70.0">
<testcase classname="tests.jobs.test_a" name="test_b[1]" file="tests/jobs/test_a.py" time="61.5" />
<testcase classname="tests.test_c" name="test_d" file="tests/test_c.py" time="2.25" />
<testcase classname="tests.openapi.test_d" name="test_e" file="lib/of/a.py" time="0.5" />
</testsuite></testsuites>"""


def test_the_time_of_each_test_is_read_from_what_pytest_reports(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert soak.seconds(report) == {}
    report.write_text(REPORT)
    seconds = soak.seconds(report)
    assert seconds == {
        "tests/jobs/test_a.py::test_b[1]": 61.5,
        "tests/test_c.py::test_d": 2.25,
        "tests/openapi/test_d.py::test_e": 0.5,
    }
    assert test_times.lines(seconds, 64) == [
        "slowest: seconds with the fixtures that were made for it",
        "   61.5 tests/jobs/test_a.py::test_b[1]",
        "    2.2 tests/test_c.py::test_d",
        "    0.5 tests/openapi/test_d.py::test_e",
        "seconds by package: jobs 62, tests 2",
        "3 tests in 1:04",
    ]


def test_only_the_slowest_are_named() -> None:
    seconds = {f"tests/jobs/test_a.py::test_{number}": float(number) for number in range(30)}
    named = [line.rpartition("_")[2] for line in test_times.lines(seconds, 1) if "::" in line]
    assert named == [str(number) for number in range(29, 19, -1)]


@pytest.mark.parametrize(
    "test", [t for given in soak.selection(tiers.ROOT).values() for t in given[2:]]
)
def test_the_selection_is_of_long_tests_that_exist(test: str) -> None:
    file, _, name = test.partition("::")
    assert not name or f"def {name}(" in (tiers.ROOT / file).read_text("utf-8")
    assert name in tiers.SOAK or tiers.is_soak_file(tiers.ROOT / file)


def test_the_selection_has_a_part_for_each_folder(tmp_path: Path) -> None:
    (tmp_path / "tests/support").mkdir(parents=True)
    listed = (
        "# Kills.\ntests/agents/test_a.py::test_b\ntests/memory/test_c.py\ntests/agents/test_d.py\n"
    )
    (tmp_path / soak.DURABLE).write_text(listed)
    assert soak.selection(tmp_path) == {
        "tests/agents": ["-m", "soak", "tests/agents/test_a.py::test_b", "tests/agents/test_d.py"],
        "tests/memory": ["-m", "soak", "tests/memory/test_c.py"],
    }


def test_anything_but_the_selection_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        soak.main(Path(), Path(), ["--seed", "today"])
    assert "unrecognized arguments: --seed today" in capsys.readouterr().err
