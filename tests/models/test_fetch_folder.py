"""Files from a folder that somebody plugged in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.fetch_folder import fetch_folder, holds
from pisovereign.models.partial_file import PartialFile
from tests.models.conftest import pinned

CONTENT = bytes(range(256)) * 8192  # two pieces


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    (folder / "a" / "b").mkdir(parents=True)
    return folder


def fetch(stick: Path, tmp_path: Path) -> tuple[Path, list[int]]:
    seen: list[int] = []
    part = PartialFile(tmp_path / "part", pinned(CONTENT), lambda done, total: seen.append(done))
    asyncio.run(fetch_folder(stick, pinned(CONTENT), part))
    return part.path, seen


def test_the_right_one_is_found_whatever_it_is_called(stick: Path, tmp_path: Path) -> None:
    (stick / "other.gguf").write_bytes(CONTENT + b"x")
    (stick / "wrong.gguf").write_bytes(bytes(len(CONTENT)))
    (stick / "a" / "b" / "Ein Modell").write_bytes(CONTENT)
    assert holds(stick, pinned(CONTENT))
    path, seen = fetch(stick, tmp_path)
    assert path.read_bytes() == CONTENT
    assert seen[-1] == len(CONTENT)


def test_another_content_is_refused(stick: Path, tmp_path: Path) -> None:
    (stick / "model.gguf").write_bytes(bytes(len(CONTENT)))
    with pytest.raises(WrongContent):
        fetch(stick, tmp_path)
    assert not (tmp_path / "part").exists()


def test_links_and_what_lies_deep_are_not_looked_at(stick: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "secret"
    elsewhere.write_bytes(CONTENT)
    (stick / "link").symlink_to(elsewhere)
    deep = stick / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    (deep / "model.gguf").write_bytes(CONTENT)
    assert not holds(stick, pinned(CONTENT))
    with pytest.raises(DownloadFailed, match="no file of"):
        fetch(stick, tmp_path)


def test_an_empty_slot_is_no_crash(tmp_path: Path) -> None:
    assert not holds(tmp_path / "nothing", pinned(CONTENT))
