"""A file while it is being fetched: it grows, never past its pinned size, and is verified whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ParamSpec, Self, TypeVar

from pisovereign.files import sha256_of, sync
from pisovereign.models.errors import WrongContent
from pisovereign.models.manifest import ModelFile
from pisovereign.models.progress import Bytes


class PartialFile:
    """The bytes of `file` that are there already; `advance` follows their count."""

    def __init__(self, path: Path, file: ModelFile, advance: Bytes) -> None:
        self.path = path
        self.file = file
        self._advance = advance

    @property
    def held(self) -> int:
        """Return the bytes that are there; a file that is too long to be right has none."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        return size if size <= self.file.size else 0

    @property
    def whole(self) -> bool:
        """Return whether all bytes are there, right or wrong."""
        return self.held == self.file.size

    def writing_from(self, start: int) -> PartialFileWriter:
        """Open for writing at `start`; what is there beyond it is dropped."""
        self.path.touch()
        out = self.path.open("r+b")
        out.truncate(start)
        out.seek(start)
        return PartialFileWriter(out, self.file.size, start, self._advance)

    def delete(self) -> None:
        """Forget what is there."""
        self.path.unlink(missing_ok=True)

    def is_right(self) -> bool:
        """Read all of it and compare the checksum; a wrong part is deleted."""
        if self.whole and sha256_of(self.path) == self.file.checksum:
            return True
        self.delete()
        return False

    def finish(self) -> None:
        """Give the verified part its final name beside itself, durably."""
        move_into_place(self.path, self.path.with_name(self.file.name))


class PartialFileWriter:
    """Writes one piece after the other."""

    def __init__(self, out: BinaryIO, size: int, done: int, advance: Bytes) -> None:
        self._out = out
        self._size = size
        self._done = done
        self._advance = advance

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.close()

    def write(self, piece: bytes) -> None:
        """Append a piece; raises WrongContent, and drops everything, when it is too much."""
        self._done += len(piece)
        if self._done > self._size:
            self._out.truncate(0)
            raise WrongContent(f"more than the expected {self._size} bytes")
        self._out.write(piece)
        self._advance(self._done, self._size)


def move_into_place(part: Path, final: Path) -> None:
    """Rename `part` to `final` after its bytes are on the disk, then make the rename itself last.

    Without the first fsync a power cut can leave a file of the right name that holds zeros. Models
    are no secret, and on a device another account than the one that fetches them reads them.
    """
    part.chmod(0o644)
    sync(part)
    part.replace(final)
    sync(final.parent)


def make_home(folder: Path) -> None:
    """Make the folder of a model, which every account may read."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)


P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `work` returns; a cancellation takes effect once it has ended."""
    # Imported here: whoever only looks whether a file is there has no event loop.
    import asyncio  # noqa: PLC0415

    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    finally:
        if not task.done():
            await asyncio.wait([task])
