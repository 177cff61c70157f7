"""Work in a fork: what comes of it, and what stays of it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from pisovereign.errors import ServiceUnavailable, StartError
from pisovereign.process.forked import run_forked


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

    def work() -> None:
        number.write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGUSR1)
        signal.pause()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_forked(work)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not Path("/proc", number.read_text()).exists()
