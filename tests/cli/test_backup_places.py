"""What a place for backups says is judged before it is printed or stored."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisovereign.cli.backup_places import fetched, list_backups
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.connectors.file_stores.build import BUILDERS
from pisovereign.connectors.file_stores.types import StoredFile
from pisovereign.errors import StartError

NAME = "mine.backup"


class Hostile:
    """A server that names files as it likes, and sends more than it said."""

    sent = 0

    async def files(self) -> list[StoredFile]:
        return [StoredFile("\x1b[2Jmine.backup", 3), StoredFile(NAME, 3), StoredFile("a.txt", 3)]

    async def read(self, name: str) -> AsyncIterator[bytes]:
        for _ in range(100):
            self.sent += 1
            yield b"ab"


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Hostile:
    server = Hostile()
    monkeypatch.setitem(BUILDERS, "backup_folder", lambda *_: server)
    return server


ARGUMENTS = argparse.Namespace(place="/backups", file=None)


def test_a_name_that_moves_the_cursor_is_not_listed(hostile: Hostile) -> None:
    assert [file.name for file in list_backups(ARGUMENTS, WholeConfig())] == [NAME]


def test_no_more_is_stored_than_was_listed(hostile: Hostile, tmp_path: Path) -> None:
    with (
        pytest.raises(StartError, match="did not arrive whole"),
        fetched(ARGUMENTS, WholeConfig(), tmp_path),
    ):
        pass
    assert hostile.sent < 5
