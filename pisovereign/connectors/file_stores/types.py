"""The interface of every place that keeps files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple, Protocol

PART = ".part"
"""What the name of a file ends in while it is not whole; such files are not listed."""
MOST_FILES = 10_000


class StoredFile(NamedTuple):
    """A file: its name, without folders, and its size in bytes."""

    name: str
    size: int


class FileStore(Protocol):
    """A place that keeps files.

    Every method raises `UpstreamError` where the place is away, refuses, or has no room.
    """

    async def files(self) -> list[StoredFile]:
        """Return the files that are whole, in no order; at most `MOST_FILES`."""

    async def put(self, name: str, source: Path, sha256: str) -> None:
        """Store a file, in the place of one of this name; what was there stays until it is whole.

        What is there afterwards was read back, or the place has checked it.

        Args:
            name: Its name.
            source: The file here.
            sha256: Of its contents, in hexadecimal digits.
        """

    def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield the contents of a file in pieces."""

    async def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no error."""

    async def tidy(self, beginning: str) -> None:
        """Delete what was begun of files whose names begin so, and did not become whole."""

    async def check(self) -> None:
        """Require that the place is there, and lets us in."""

    async def probe(self) -> str:
        """Write a small file, read it and delete it; return what is there, in a few words."""

    async def close(self) -> None:
        """Close what is open."""
