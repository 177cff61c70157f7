"""A folder as a place that keeps files; one that is not mounted is an error, not an empty place."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from pisovereign.connectors.file_stores.types import MOST_FILES, PART, StoredFile
from pisovereign.errors import UpstreamError
from pisovereign.files import sync

_PIECE = 1024 * 1024
_RESERVE_BYTES = 16 * 1024 * 1024
_TRIAL = b"PiSovereign can write here.\n"
T = TypeVar("T")


class FolderStore:
    """A folder; a `FileStore`.

    Args:
        locate: Returns the folder, each time that something is done with it.
    """

    def __init__(self, locate: Callable[[], Path]) -> None:
        self._locate = locate

    async def files(self) -> list[StoredFile]:
        """Return the files that are whole."""
        return await self._do(_listed)

    async def put(self, name: str, source: Path, sha256: str) -> None:
        """Store a file: copied, read back from the disk, and then renamed."""
        ending = threading.Event()
        try:
            await self._do(lambda folder: _copy(source, folder, name, sha256, ending.is_set))
        finally:
            ending.set()  # the thread goes on when nobody waits for it any more

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield the contents of a file in pieces."""
        file = await self._do(lambda folder: (folder / name).open("rb"))
        with file:
            while piece := await self._do(lambda _: file.read(_PIECE)):
                yield piece

    async def delete(self, name: str) -> None:
        """Delete a file."""

        def remove(folder: Path) -> None:
            (folder / name).unlink(missing_ok=True)
            sync(folder)

        await self._do(remove)

    async def tidy(self, beginning: str) -> None:
        """Delete what was begun of files whose names begin so, and did not become whole."""

        def remove(folder: Path) -> None:
            for path in folder.iterdir():
                if path.name.startswith(f".{beginning}") and path.name.endswith(PART):
                    path.unlink()

        await self._do(remove)

    async def check(self) -> None:
        """Require that the folder is there, and may be written to."""

        def look(folder: Path) -> None:
            if not os.access(folder, os.W_OK | os.X_OK):
                raise UpstreamError(f"{folder} cannot be written to")

        await self._do(look)

    async def probe(self) -> str:
        """Write a small file, read it and delete it."""

        def try_out(folder: Path) -> str:
            path = folder / f".trial-{secrets.token_hex(8)}{PART}"
            try:
                _write(path, (_TRIAL,))
                if path.read_bytes() != _TRIAL:
                    raise UpstreamError(f"{folder} does not give back what was written")
            finally:
                path.unlink(missing_ok=True)
            free = shutil.disk_usage(folder).free
            return f"{folder}: {len(_listed(folder))} files, {free / 1e9:.1f} GB free"

        return await self._do(try_out)

    async def close(self) -> None:
        """Nothing is open."""

    async def _do(self, work: Callable[[Path], T]) -> T:
        def run() -> T:
            try:
                return work(self._locate())
            except OSError as error:
                raise UpstreamError(error.strerror or "I/O error") from None

        return await asyncio.to_thread(run)


def checked_folder(path: Path, data_dir: Path, *, other_disk: bool) -> Path:
    """Return a folder that is there and no part of the data.

    Args:
        path: The folder.
        data_dir: The data folder.
        other_disk: Require that both are on different file systems.

    Raises:
        UpstreamError: It is not there, or not where it should be.
    """
    data = data_dir.resolve()
    try:
        there = path.resolve(strict=True)
        # A new machine has no data yet.
        same = data.exists() and there.stat().st_dev == data.stat().st_dev
    except OSError:
        raise UpstreamError(f"{path} is not there; is the disk plugged in and mounted?") from None
    if not there.is_dir():
        raise UpstreamError(f"{path} is not a folder")
    if there.is_relative_to(data):
        raise UpstreamError(f"{path} is in the data folder, and would be lost with it")
    if other_disk and same:
        raise UpstreamError(
            f"{path} is on the same disk as the data: its own disk is not mounted, or there is none"
        )
    return there


def _listed(folder: Path) -> list[StoredFile]:
    found = []
    for path in folder.iterdir():
        if not path.name.startswith(".") and path.is_file() and not path.is_symlink():
            found.append(StoredFile(path.name, path.stat().st_size))
            if len(found) == MOST_FILES:
                break
    return found


def _copy(source: Path, folder: Path, name: str, sha256: str, ends: Callable[[], bool]) -> None:
    size, free = source.stat().st_size, shutil.disk_usage(folder).free
    if size + _RESERVE_BYTES > free:
        raise UpstreamError(f"{folder} has no room: {size} bytes are needed, {free} are free")
    part = folder / f".{name}{PART}"
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    try:
        with source.open("rb") as file:
            _write(part, _until(_pieces(file), ends))
        if _digest(part) != sha256:
            raise UpstreamError(f"{folder} does not give back what was written; is it damaged?")
        part.rename(folder / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(folder)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _until(pieces: Iterator[bytes], ends: Callable[[], bool]) -> Iterator[bytes]:
    for piece in pieces:
        if ends():
            raise UpstreamError("the copying was ended")
        yield piece


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(descriptor)


def _digest(path: Path) -> str:
    """Return the SHA-256 of what is on the disk, not of what is still in memory."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()
