"""Work in a fork: what comes of it, and what stays of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.errors import ServiceUnavailable, StartError
from pisovereign.process.forked import run_forked
from tests.support.patience import PATIENCE_S

_INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from pisovereign.process.forked import run_forked

def stop(*_):
    raise KeyboardInterrupt

def work():
    Path(sys.argv[1]).write_text(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGUSR1)
    signal.pause()

signal.signal(signal.SIGUSR1, stop)
try:
    run_forked(work)
except KeyboardInterrupt:
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()), "signals stay blocked"
    print("interrupted")
"""


def test_the_work_is_done_and_nothing_that_it_imports_stays(tmp_path: Path) -> None:
    done = tmp_path / "done"

    def work() -> None:
        import this  # noqa: F401

        done.write_text(str(os.getpid()))

    run_forked(work)
    assert int(done.read_text()) != os.getpid()
    assert "this" not in sys.modules


@pytest.mark.parametrize("error", [StartError("no key"), ServiceUnavailable("no database")])
def test_a_refusal_is_passed_on(error: Exception) -> None:
    def refuse() -> None:
        raise error

    with pytest.raises(StartError, match=str(error)):
        run_forked(refuse)


@pytest.mark.parametrize("end", [lambda: 1 / 0, lambda: os.kill(os.getpid(), signal.SIGKILL)])
def test_a_failure_is_one(end: object) -> None:
    assert callable(end)
    with pytest.raises(StartError, match="ended with"):
        run_forked(end)


def test_the_work_ends_with_the_wait_for_it(tmp_path: Path) -> None:
    number = tmp_path / "pid"
    # In a process of its own, which has one thread as the program has when it forks.
    ended = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED, number],
        check=True,
        stdout=subprocess.PIPE,
        timeout=PATIENCE_S,
    )
    assert ended.stdout == b"interrupted\n"
    assert not Path("/proc", number.read_text()).exists()
