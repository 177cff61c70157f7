"""Files that appear whole, and how many of them are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.backup.make import atomic_file, dated_name, keep_newest
from pisovereign.errors import StartError
from tests.backup.sudden_end import ended_at_every_step

KEY, OTHER = "0123456789abcdef", "fedcba9876543210"


def test_a_file_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    with atomic_file(path) as file:
        file.write(b"data")
        assert not path.exists()
    assert path.read_bytes() == b"data"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_file(tmp_path / "a.backup") as file:
            file.write(b"half")
            raise StartError("the database is away")

    with pytest.raises(StartError, match="away"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    path.write_bytes(b"old")
    with pytest.raises(StartError, match="exists already"), atomic_file(path):
        pass
    assert path.read_bytes() == b"old"


def test_a_sudden_end_leaves_the_file_or_none(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    path = folder / "a.backup"

    def write() -> None:
        with atomic_file(path) as file:
            file.write(b"data")

    for _ in ended_at_every_step(write):
        if path.exists():
            assert path.read_bytes() == b"data"
            path.unlink()
    write()
    # What sudden ends left is gone, too.
    assert list(folder.iterdir()) == [path]


def test_the_newest_are_kept_and_all_else_is_left_alone(tmp_path: Path) -> None:
    made = [tmp_path / dated_name(KEY, 1e9 + day * 86400) for day in range(5)]
    strangers = [
        tmp_path / dated_name(OTHER, 0),
        tmp_path / "pisovereign-01234567-20010101T000000Z.backup.copy",
        tmp_path / "holiday.jpg",
    ]
    for path in (*made, *strangers):
        path.touch()
    left = tmp_path / f".{made[0].name}.0123abcd.part"
    left.touch()
    assert keep_newest(tmp_path, KEY, 2) == made[:3]
    assert sorted(tmp_path.iterdir()) == sorted([*made[3:], *strangers])
    assert keep_newest(tmp_path, KEY, 2) == []
