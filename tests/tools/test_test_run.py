"""What a run of tests leaves is found, named and removed, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pisovereign.telemetry.multiprocess import memory_folder
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until
from tools.test_run import TestRun, program_memory, run_tests

ROOT = Path(__file__).parents[2]
LEAVES = """
import subprocess, sys, tempfile, os

def test_it() -> None:
    tempfile.mkdtemp(prefix="kept-")
    here = open(os.environ["TOLD"], "w")
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    here.write(str(child.pid))
    here.close()
"""


@pytest.fixture
def run() -> Iterator[TestRun]:
    begun = TestRun.begin()
    yield begun
    begun.end()


def alive(process: int) -> bool:
    """Whether it runs: one that has ended and was not waited for has no command any more."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def test_a_process_is_known_by_what_it_was_started_with(run: TestRun) -> None:
    named = {"PYTEST_CURRENT_TEST": "tests/test_a.py::test_b (call)"}
    with subprocess.Popen(["sleep", "600"], env=os.environ | run.environment() | named) as child:
        wait_until(run.processes, PATIENCE_S, "the process")
        (found,) = run.processes()
        assert (found.number, found.command, found.test) == (
            child.pid,
            "sleep 600",
            "tests/test_a.py::test_b",
        )
        assert any("tests/test_a.py::test_b" in line for line in run.end(limit_s=0))
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("in_memory", [False, True])
def test_one_without_an_environment_is_known_by_where_it_works(
    run: TestRun, *, in_memory: bool
) -> None:
    place = run.in_memory if in_memory else run.folder
    with subprocess.Popen(["sleep", "600"], env={}, cwd=place) as child:
        wait_until(run.processes, PATIENCE_S, "the process")
        assert [found.number for found in run.processes()] == [child.pid]
        run.end(limit_s=0)


def test_a_folder_is_told_with_the_test_that_made_it(run: TestRun) -> None:
    run.note_folders()
    (run.folder / "kept").mkdir()
    (run.folder / "also").write_text("")
    own = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0]
    assert run.folders() == {run.folder / "kept": own, run.folder / "also": ""}
    assert len(run.end()) == 2
    assert not run.folder.exists()
    assert not run.in_memory.exists()


def test_what_a_killed_program_keeps_in_memory_is_found(run: TestRun) -> None:
    run.note_folders()
    data = run.folder / "p-1" / "data"
    data.mkdir(parents=True)
    place = memory_folder(data)
    assert place in (program_memory(data), data / "run" / "metrics")
    if place == program_memory(data):
        assert list(run.folders()) == [place]
        run.end()
        assert not place.exists()


def test_nothing_left_is_nothing_told(run: TestRun) -> None:
    assert run.end() == []


def test_a_run_that_passes_and_leaves_something_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv("TOLD", str(told))
    assert run_tests(_pytest(tmp_path), ROOT, end_limit_s=0.5) == 1
    assert not alive(int(told.read_text()))
    said = capfd.readouterr().out
    assert "1 passed" in said
    lines = [line for line in said.splitlines() if line.startswith("left behind:")]
    assert len(lines) == 2
    assert "sleep 600" in lines[0]
    assert "kept-" in lines[1]
    assert all(line.endswith(", of ::test_it") for line in lines)


STARTS_DATABASES = """
import pytest
from tests.support.databases import databases

@pytest.mark.process
def test_it() -> None:
    databases()
"""
SLOW_END = """
import time

import tests.conftest
from tests.support import databases
from xdist.workermanage import NodeManager

NodeManager.EXIT_TIMEOUT = 1
stop = databases.stop_databases


def stop_slowly() -> None:
    if databases._running.cache_info().currsize:
        time.sleep(3)
    stop()


tests.conftest.stop_databases = stop_slowly
"""


def test_a_parallel_process_that_takes_long_to_clean_up_leaves_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed some time after it has said that it is done."""
    tmp_path.joinpath("slow_end.py").write_text(SLOW_END, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    argv = [*_pytest(tmp_path, STARTS_DATABASES), "-p", "slow_end", "--numprocesses=1"]
    assert run_tests(argv, ROOT) == 0, capfd.readouterr().out


def test_a_run_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    """SIGINT to all of them, as a terminal sends it, while a test waits."""
    told = tmp_path / "told"
    waits = LEAVES + "    import time; time.sleep(600)\n"
    program = f"import sys; from tools.test_run import run_tests; {_CALL}"
    argv = [sys.executable, "-c", program, *_pytest(tmp_path, waits)]
    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        env=os.environ | {"TOLD": str(told)},
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    wait_until(lambda: told.exists() and told.read_text(), PATIENCE_S, "the test")
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    assert "left behind: process" in said
    assert not alive(int(told.read_text()))
    folder = said.partition("left behind: /")[2].partition("/kept-")[0]
    assert not Path("/", folder).exists()


def test_a_pytest_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    """It does so itself where nobody runs it, with a folder of its own."""
    told = tmp_path / "told"
    environment = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    process = subprocess.Popen(
        _pytest(tmp_path, LEAVES + "    import time; time.sleep(600)\n"),
        cwd=ROOT,
        env=environment | {"TOLD": str(told)},
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: told.exists() and told.read_text(), PATIENCE_S, "the test")
    process.terminate()
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    assert "left behind: process" in said
    assert not alive(int(told.read_text()))


_CALL = "sys.exit(run_tests(sys.argv[1:], __import__('pathlib').Path.cwd(), 0.5))"


def _pytest(folder: Path, text: str = LEAVES) -> list[str]:
    """A pytest that knows this project, and a test in a file of its own."""
    file = folder / "test_sample.py"
    file.write_text(text, encoding="utf-8")
    place = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "-p", "tests.conftest"]
    return [sys.executable, "-m", "pytest", *place, str(file)]


def test_the_time_that_a_process_may_take_to_end_is_its_own(run: TestRun) -> None:
    """One that ends by itself in that time is no leftover."""
    began = time.monotonic()
    with subprocess.Popen(["sleep", "0.5"], env=os.environ | run.environment()):
        assert run.end() == []
        assert time.monotonic() - began > 0.2
