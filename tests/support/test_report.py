"""What a run says of itself, and of tests that take too much of the processor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.processor_time import ProcessorTime, used
from tests.support.report import RunReport
from tools.test_times import clock, package_of

BUSY = """
import time, pytest

def work(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass

@pytest.fixture(scope="module")
def shared():
    work(0.3)

def test_quick(shared):
    pass

def test_busy():
    work(0.3)

@pytest.mark.soak
def test_long():
    work(0.3)
"""


def run_busy(folder: Path) -> int | pytest.ExitCode:
    """Run these tests, of which those over 0.2 s are told."""
    file = folder / f"{folder.name}.py"  # one module a process
    file.write_text(BUSY, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = soak: long\n", encoding="utf-8")
    arguments = ["-p", "no:cacheprovider", f"--rootdir={folder}", "-c", f"{folder}/pytest.ini"]
    return pytest.main([*arguments, str(file)], plugins=[ProcessorTime(0.2), RunReport()])


def test_what_takes_too_much_is_told_and_what_is_shared_does_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "")
    assert run_busy(tmp_path) == pytest.ExitCode.OK
    said = capsys.readouterr().out
    assert "test_busy took 0.3 s of the processor: make it quicker" in said
    assert said.count("of the processor") == 1
    assert "3 tests in 0:0" in said
    assert "slowest" in said


def test_the_time_of_a_child_counts() -> None:
    code = "import time\nwhile time.process_time() < 0.3: pass"
    before = used()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_S)
    assert used() - before > 0.25  # which is counted in hundredths


@pytest.mark.parametrize(
    ("test", "package"),
    [
        ("tests/chat/test_chat.py::test_a[b/c::d]", "chat"),
        ("tests/connectors/email/test_sending.py::test_a", "connectors"),
        ("tests/test_health.py::test_a", "tests"),
    ],
)
def test_packages(test: str, package: str) -> None:
    assert package_of(test) == package


def test_minutes() -> None:
    assert [clock(seconds) for seconds in (0.9, 61, 3600)] == ["0:00", "1:01", "60:00"]
