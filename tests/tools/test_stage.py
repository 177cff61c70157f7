"""Running a long command: progress, log, failure, interruption."""

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tools import stage
from tools.problem import Problem


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and makes a file once it shows a step."""

    def __init__(self, shown: Path) -> None:
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        if "[1/2]" in text:
            self._shown.touch()
        return super().write(text)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"  [12/83] /usr/bin/c++ -O3 -c x.cpp", "[12/83]"),
        (b"Collecting numpy<3,>=2.0", "Collecting numpy<3"),
        (b"Installing collected packages: a, b", "Installing collected"),
        (b"  warning: [see 1/2] nothing", None),
        (b"", None),
    ],
)
def test_steps_are_read_from_what_ninja_and_pip_print(line: bytes, expected: str | None) -> None:
    assert stage.step_of(line) == expected


def test_a_terminal_shows_one_line_that_is_rewritten(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    terminal = Terminal(shown)
    # It goes on once its first step is on the terminal.
    script = f"""
import os, time
print('[1/2] a', flush=True)
while not os.path.exists({str(shown)!r}):
    time.sleep(0.02)
print('[2/2] b')
"""
    stage.run("Building", [sys.executable, "-c", script], log=tmp_path / "log", stream=terminal)
    assert terminal.getvalue().count("\n") == 1
    assert "Building  0:00  [1/2]" in terminal.getvalue()
    assert terminal.getvalue().endswith("done\n")
    assert (tmp_path / "log").read_text() == "[1/2] a\n[2/2] b\n"


def test_elsewhere_lines_come_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "QUIET_SECONDS", 0.5)
    stream, began = io.StringIO(), time.monotonic()
    stage.run("Waiting", ["sleep", "3"], log=tmp_path / "log", stream=stream)
    lines = stream.getvalue().splitlines()
    # At its beginning and its end, and every half second of what it took here.
    assert 3 <= len(lines) <= 3 + (time.monotonic() - began) / 0.5
    assert lines[-1].endswith("done")


def test_a_failure_shows_the_end_of_the_output_and_the_log(tmp_path: Path) -> None:
    script = "print('\\n'.join(map(str, range(100)))); raise SystemExit(3)"
    with pytest.raises(Problem) as failed:
        stage.run(
            "Step", [sys.executable, "-c", script], log=tmp_path / "log", stream=io.StringIO()
        )
    assert "\n99\n" in str(failed.value)
    assert "\n50\n" not in str(failed.value)
    assert str(tmp_path / "log") in str(failed.value)


def test_an_interruption_ends_the_command_with_its_children(tmp_path: Path) -> None:
    script = "sleep 60 & echo $! > child; wait"
    program = (
        "import signal, sys\nfrom pathlib import Path\nfrom tools import stage\n"
        "signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(9))\n"
        f"stage.run('Step', ['sh', '-c', {script!r}], log=Path('log'), cwd=Path('.'))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    argv = [sys.executable, "-c", program]
    with subprocess.Popen(argv, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as process:
        child = tmp_path / "child"
        wait_until(lambda: child.exists() and child.read_text().endswith("\n"))
        # Progress is shown once it is started: a signal before that finds nothing to end yet.
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Step")
        process.terminate()
        assert process.wait(PATIENCE_S) == 9
    wait_until(lambda: not running(int(child.read_text())))


def test_a_command_runs_beside_another(tmp_path: Path) -> None:
    stream = io.StringIO()
    # It ends only if what comes second runs meanwhile.
    script = "import os, time\nwhile not os.path.exists('met'): time.sleep(.02)\nprint('[2/2] b')"
    beside = [sys.executable, "-c", script]
    with stage.started("Beside", beside, log=tmp_path / "beside", cwd=tmp_path) as command:
        touch = [sys.executable, "-c", "open('met', 'w')"]
        stage.run("First", touch, log=tmp_path / "first", cwd=tmp_path, stream=stream)
        command.finish(stream)
    assert [line.split()[0] for line in stream.getvalue().splitlines()][-1] == "Beside"
    assert (tmp_path / "beside").read_text() == "[2/2] b\n"


def test_a_command_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    script = "sleep 60 & echo $! > child; wait"
    child = tmp_path / "child"
    with stage.started("Beside", ["sh", "-c", script], log=tmp_path / "log", cwd=tmp_path):
        wait_until(lambda: child.exists() and child.read_text().endswith("\n"))
    wait_until(lambda: not running(int(child.read_text())))


def running(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool], limit: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
