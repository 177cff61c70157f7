"""A file while it is being fetched: grows, never past its pinned size, and is verified whole."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pisovereign.models.errors import WrongContent
from pisovereign.models.files import move_into_place, sha256_of
from pisovereign.models.manifest import ModelFile
from pisovereign.models.progress import Bytes


class Part:
    """The bytes of `file` that are there already; `advance` follows their count."""

    def __init__(self, path: Path, file: ModelFile, advance: Bytes) -> None:
        self.path = path
        self.file = file
        self._advance = advance

    @property
    def held(self) -> int:
        """The bytes that are there; a part that is too long to be right counts as nothing."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        return size if size <= self.file.size else 0

    @property
    def whole(self) -> bool:
        """Whether all bytes are there, right or wrong."""
        return self.held == self.file.size

    def writing_from(self, start: int) -> PartWriter:
        """Open for writing at `start`; what is there beyond it is dropped."""
        self.path.touch()
        out = self.path.open("r+b")
        out.truncate(start)
        out.seek(start)
        return PartWriter(out, self.file.size, start, self._advance)

    def delete(self) -> None:
        """Forget what is there."""
        self.path.unlink(missing_ok=True)

    def is_right(self) -> bool:
        """Read all of it and compare the checksum; a wrong part is deleted."""
        if self.whole and sha256_of(self.path) == self.file.sha256:
            return True
        self.delete()
        return False

    def finish(self) -> None:
        """Give the verified part its final name beside itself, durably."""
        move_into_place(self.path, self.path.with_name(self.file.name))


class PartWriter:
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
