from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.fetch_https import fetch_https
from pisovereign.models.partial_file import PartialFile
from tests.models.conftest import Origin, pinned


def fetch(origin: Origin, part: PartialFile) -> None:
    asyncio.run(fetch_https(origin.source, part, pause_s=0.01))


@pytest.fixture
def seen() -> list[tuple[int, int]]:
    return []


@pytest.fixture
def part(tmp_path: Path, content: bytes, seen: list[tuple[int, int]]) -> PartialFile:
    return PartialFile(
        tmp_path / "model.gguf.part",
        pinned(content),
        lambda done, total: seen.append((done, total)),
    )


def test_a_file_arrives_whole(
    origin: Origin, part: PartialFile, content: bytes, seen: list[tuple[int, int]]
) -> None:
    fetch(origin, part)
    assert part.path.read_bytes() == content
    assert origin.ranges == [None]
    assert seen == sorted(seen)
    assert seen[-1] == (len(content), len(content))


def test_an_earlier_part_is_not_fetched_again(
    origin: Origin, part: PartialFile, content: bytes
) -> None:
    part.path.write_bytes(content[:1000])
    fetch(origin, part)
    assert origin.ranges == ["bytes=1000-"]
    assert part.path.read_bytes() == content


def test_a_whole_part_costs_no_request(origin: Origin, part: PartialFile, content: bytes) -> None:
    part.path.write_bytes(content)
    fetch(origin, part)
    assert origin.ranges == []


def test_a_cut_connection_is_resumed(origin: Origin, part: PartialFile, content: bytes) -> None:
    origin.habits = ["cut", "cut", "503", "ok"]
    fetch(origin, part)
    half = len(content) // 2
    rest = half + (len(content) - half) // 2
    assert origin.ranges == [None, f"bytes={half}-", f"bytes={rest}-", f"bytes={rest}-"]
    assert part.path.read_bytes() == content


def test_a_server_without_ranges_is_read_from_the_start(
    origin: Origin, part: PartialFile, content: bytes
) -> None:
    part.path.write_bytes(b"x" * 1000)
    origin.habits = ["no-range"]
    fetch(origin, part)
    assert part.path.read_bytes() == content


def test_a_bad_earlier_part_is_replaced(origin: Origin, part: PartialFile, content: bytes) -> None:
    part.path.write_bytes(b"x" * 1000)
    fetch(origin, part)
    assert origin.ranges == ["bytes=1000-", None]
    assert part.path.read_bytes() == content


def test_a_part_that_is_too_long_counts_as_nothing(
    origin: Origin, part: PartialFile, content: bytes
) -> None:
    part.path.write_bytes(content + b"x")
    fetch(origin, part)
    assert origin.ranges == [None]
    assert part.path.read_bytes() == content


def test_wrong_bytes_are_refused_and_deleted(
    origin: Origin, part: PartialFile, content: bytes
) -> None:
    origin.content = bytes(len(content))
    with pytest.raises(WrongContent, match="checksum"):
        fetch(origin, part)
    assert not part.path.exists()
    assert origin.ranges == [None]


def test_more_bytes_than_expected_are_refused(origin: Origin, part: PartialFile) -> None:
    origin.habits = ["endless"]
    with pytest.raises(WrongContent, match="more than the expected 600000 bytes"):
        fetch(origin, part)
    assert part.held == 0


@pytest.mark.parametrize(
    ("habit", "failure"),
    [
        ("shifted", DownloadFailed("the server sent a range that was not asked for")),
        ("shorter", WrongContent("599999 bytes instead of 600000")),
        ("404", DownloadFailed("HTTP 404")),
    ],
)
def test_a_useless_answer_is_not_asked_for_twice(
    origin: Origin, part: PartialFile, content: bytes, habit: str, failure: DownloadFailed
) -> None:
    part.path.write_bytes(content[:1000])
    origin.habits = [habit]
    with pytest.raises(type(failure), match=str(failure)):
        fetch(origin, part)
    assert len(origin.ranges) == 1
    assert part.path.read_bytes() == content[:1000]


@pytest.mark.parametrize("habit", ["empty", "503"])
def test_four_fruitless_attempts_are_enough(origin: Origin, part: PartialFile, habit: str) -> None:
    origin.habits = [habit]
    with pytest.raises(DownloadFailed):
        fetch(origin, part)
    assert len(origin.ranges) == 4


def test_nobody_listening_is_a_clear_failure(origin: Origin, part: PartialFile) -> None:
    origin.url = "http://127.0.0.1:1/model.gguf"
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1"):
        fetch(origin, part)
