from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import current_account
from pisovereign.storage.embedded.process import ServerProcess, rotate_log
from tests.support.patience import PATIENCE_S


def process(command: list[str], folder: Path) -> ServerProcess:
    return ServerProcess(command, current_account(), folder / "log")


def test_the_end_of_a_process_is_reported_with_what_it_said(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("of an earlier run\n")
    run = process(["sh", "-c", "echo no space left >&2; exit 3"], tmp_path)
    run.start()
    assert run.wait(PATIENCE_S) == 3
    assert run.returncode == 3
    assert run.log_tail() == "no space left"


def test_a_program_that_is_absent_is_a_clear_error(tmp_path: Path) -> None:
    run = process(["/absent/postgres"], tmp_path)
    with pytest.raises(StartError, match="/absent/postgres cannot be run"):
        run.start()
    run.stop()


def test_a_process_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    run = process(["sleep", "30"], tmp_path)
    thread = threading.Thread(target=run.start)
    thread.start()
    thread.join()
    assert run.wait(0.3) is None
    run.stop()
    assert run.returncode == -2


def test_it_leads_its_own_session(tmp_path: Path) -> None:
    run = process(["sleep", "30"], tmp_path)
    run.start()
    assert run.pid is not None
    assert os.getsid(run.pid) == run.pid
    run.stop()
    run.stop()


def test_a_process_that_ignores_a_fast_stop_is_stopped_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pisovereign.storage.embedded.process._FAST_LIMIT_S", 0.3)
    # Shells ignore SIGQUIT only when told to; this one takes it.
    run = process(["sh", "-c", "trap '' INT; echo ready; while :; do sleep 0.1; done"], tmp_path)
    run.start()
    while "ready" not in run.log_tail():
        run.wait(0.05)
    run.stop()
    assert run.returncode == -3


def test_the_servers_environment_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATA", "/elsewhere")
    run = process(["env"], tmp_path)
    run.start()
    run.wait(PATIENCE_S)
    assert "PGDATA" not in run.log_tail(100)


def test_a_large_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    assert rotate_log(log) == 0
    log.write_bytes(bytes(1000))
    assert rotate_log(log) == 1000
    log.write_bytes(bytes(10_000_001))
    assert rotate_log(log) == 0
    assert not log.exists()
    assert (tmp_path / "postgres.log.1").exists()
