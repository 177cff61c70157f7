from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.process.unix_socket import listening


def test_only_the_owner_may_connect(data_dir: Path) -> None:
    path = data_dir / "s"
    with listening(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_a_stale_socket_is_replaced(data_dir: Path) -> None:
    path = data_dir / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with listening(path) as sock:
        sock.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_a_living_process_keeps_its_socket(data_dir: Path) -> None:
    path = data_dir / "s"
    with listening(path) as sock:
        sock.listen()
        with pytest.raises(StartError, match="another process"), listening(path):
            pass
        assert path.exists()


def test_a_successors_socket_is_left_alone(data_dir: Path) -> None:
    path = data_dir / "s"
    with listening(path) as first:
        first.close()
        path.unlink()  # a file system may give the next file the number that is free now
        with socket.socket(socket.AF_UNIX) as second:
            second.bind(str(path))
    assert path.exists()


def test_files_are_not_removed(data_dir: Path) -> None:
    path = data_dir / "s"
    path.write_text("precious")
    with pytest.raises(StartError, match="not a socket"), listening(path):
        pass
    assert path.read_text() == "precious"


def test_a_path_that_is_too_long(data_dir: Path) -> None:
    with pytest.raises(StartError, match="cannot listen"), listening(data_dir / ("x" * 150)):
        pass
