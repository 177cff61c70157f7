"""Orders to the process above the API, where a disk is full or a program ends too soon."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pisovereign.backup.restore_state import Stage, begin_state, complete, note, read_state
from pisovereign.errors import StartError
from pisovereign.process.control import ControlRequest, RestoreOrder
from pisovereign.process.line_socket import Begun
from pisovereign.supervisor.control_socket import ControlSocket, control_socket_at
from tests.support.patience import PATIENCE_S
from tests.support.server import children, wait_until


@pytest.fixture
def path(data_dir: Path) -> Path:
    return data_dir / "control.sock"


@pytest.fixture
def control(path: Path, data_dir: Path) -> Iterator[ControlSocket]:
    with control_socket_at(path, data_dir) as made:
        yield made


def order(path: Path, request: ControlRequest) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE_S)
    client.connect(str(path))
    client.sendall(msgspec.json.encode(request) + b"\n")
    return client


def answer(client: socket.socket) -> str:
    with client:
        return msgspec.json.decode(client.recv(4096), type=Begun).refusal


def restore(file: Path) -> ControlRequest:
    wanted = RestoreOrder(file=str(file), passphrase="a b c d", with_config=False)
    return ControlRequest(action="restore", restore=wanted)


def test_a_restore_on_a_full_disk_is_refused(
    control: ControlSocket, path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error ended the program with all of its processes."""

    def refuse(*_: object) -> None:
        raise StartError("restore.json: No space left on device")

    monkeypatch.setattr("pisovereign.supervisor.control_socket.begin_state", refuse)
    client = order(path, restore(data_dir / "backup"))
    control.tend()
    assert answer(client) == "restore.json: No space left on device"
    assert not control.restart_wanted


def test_a_restore_that_was_decided_is_not_told_as_failed(
    control: ControlSocket, path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program that prepared it ended before it could say so, and a later start did it."""
    monkeypatch.setenv("PISOVEREIGN_DATA_DIR", str(data_dir))
    file = data_dir / "backup"
    os.mkfifo(file)  # the program waits for what never comes
    before = children()
    client = order(path, restore(file))
    control.tend()
    assert answer(client) == ""
    (preparing,) = children() - before
    wait_until((data_dir / "restore.lock").exists, PATIENCE_S, "its lock")
    (data_dir / "restore.ready").mkdir()
    os.kill(preparing, signal.SIGKILL)

    def over() -> bool:
        control.tend()
        return control.restart_wanted

    wait_until(over, PATIENCE_S, "the new start")
    state = read_state(data_dir)
    assert state is not None
    assert state.stage == "checking"


def test_a_restore_that_was_told_as_failed_and_is_done_says_so(data_dir: Path) -> None:
    begin_state(data_dir, "backup")
    note(data_dir, "failed", error="it ended with -9; nothing was changed")
    (data_dir / "restore.ready").mkdir()
    complete(data_dir)
    state = read_state(data_dir)
    assert state is not None
    assert (state.stage, state.error) == ("done", None)


@pytest.mark.parametrize("stage", ["checking", "failed"])
def test_a_restore_is_known_as_done_after_an_end_while_that_was_noted(
    data_dir: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_state(data_dir, "backup")
    note(data_dir, stage)
    (data_dir / "restore.ready").mkdir()

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pisovereign.backup.restore_state.discard", end)
        with pytest.raises(KeyboardInterrupt):
            complete(data_dir)
    complete(data_dir)
    state = read_state(data_dir)
    assert state is not None
    assert state.stage == "done"


def test_a_start_on_a_full_disk_completes_a_restore(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begin_state(data_dir, "backup")
    (data_dir / "restore.ready").mkdir()

    def refuse(*_: object) -> None:
        raise StartError("restore.json: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pisovereign.backup.restore_state.replace_private", refuse)
        complete(data_dir)
    assert not (data_dir / "restore.ready").exists()
    assert "No space left on device" in caplog.text
    complete(data_dir)
    assert read_state(data_dir) is None  # nothing is told, rather than that nothing was changed


def test_who_has_left_gets_nothing_begun(control: ControlSocket, path: Path) -> None:
    """The API had told that nobody answers; then everything was started again all the same."""
    order(path, ControlRequest(action="restart")).close()
    control.tend()
    assert not control.restart_wanted
    client = order(path, ControlRequest(action="restart"))
    control.tend()
    assert answer(client) == ""
    assert control.restart_wanted
