"""Private files appear whole or not at all, and folders of others are refused."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.files import (
    create_private,
    private_folder,
    replace_keeping_access,
    replace_private,
    replace_readable,
)


def test_a_private_file_is_private_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_private(path, b"first")
    create_private(path, b"second")
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_a_private_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(b"of others to read")
    path.chmod(0o644)
    replace_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["result"]


def test_a_file_for_everybody_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"of nobody else")
    path.chmod(0o600)
    before = os.umask(0o022)
    try:
        replace_readable(path, b"new")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in tmp_path.iterdir()] == ["state"]


def test_a_file_stays_readable_for_whom_it_was(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 0, 12)
    owners = path.stat().st_uid, path.stat().st_gid
    before = os.umask(0o077)
    try:
        replace_keeping_access(path, b"new")
    finally:
        os.umask(before)
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert (after.st_mode & 0o777, after.st_uid, after.st_gid) == (0o640, *owners)
    assert [p.name for p in tmp_path.iterdir()] == ["config.toml"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="absent/result"):
        replace_private(tmp_path / "absent" / "result", b"new")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StartError, match="cannot be written"):
        replace_private(tmp_path / "folder", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"], "nothing is left behind"


def test_of_many_writers_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: create_private(path, b"%d" % i * 1000), range(1, 9)))
    data = path.read_bytes()
    assert data == data[:1] * 1000


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be written"):
        create_private(tmp_path / "none" / "key", b"x")


def test_a_private_folder(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert private_folder(folder) == folder
    folder.chmod(0o777)
    with pytest.raises(StartError, match="chmod go-w"):
        private_folder(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_anothers_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    os.chown(folder, 65534, 65534)
    with pytest.raises(StartError, match="another user"):
        private_folder(folder)
