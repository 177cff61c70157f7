"""What is looked for on memory sticks, which hold whatever somebody has put there."""

from __future__ import annotations

import os
from pathlib import Path

from pisovereign.updates.minisign import PublicKey
from pisovereign.updates.source import find_on_sticks
from tests.support.updates import RELEASE, make_update


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_only_files_are_read_and_nothing_stays_open(tmp_path: Path) -> None:
    media = tmp_path / "media"
    update = make_update(media / "stick", "1.1.0")
    (media / "stick/folder.update").mkdir()
    os.mkfifo(media / "stick/pipe.update")
    (media / "stick/link.update").symlink_to(update)
    keys = [PublicKey.parse(RELEASE.public)]
    find_on_sticks(media, keys)
    before = open_files()
    assert [found.place for found in find_on_sticks(media, keys)] == [str(update)]
    assert open_files() == before
