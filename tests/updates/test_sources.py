"""What is looked for on memory sticks, which hold whatever somebody has put there."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from pisovereign.updates.minisign import PublicKey
from pisovereign.updates.source import find_on_sticks
from tests.support.updates import RELEASE, make_update


def open_files(folder: Path) -> list[str]:
    """Which files of a folder are open; others come and go in other threads."""
    names = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            names.append(str(entry.readlink()))
    return [name for name in names if name.startswith(str(folder))]


def test_only_files_are_read_and_nothing_stays_open(tmp_path: Path) -> None:
    media = tmp_path / "media"
    update = make_update(media / "stick", "1.1.0")
    (media / "stick/folder.update").mkdir()
    os.mkfifo(media / "stick/pipe.update")
    (media / "stick/link.update").symlink_to(update)
    keys = [PublicKey.parse(RELEASE.public)]
    assert [found.place for found in find_on_sticks(media, keys)] == [str(update)]
    assert open_files(media) == []
    with update.open("rb"):
        assert open_files(media) == [str(update)]
