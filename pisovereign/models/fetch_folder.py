"""Finding a pinned file in a folder, such as a memory stick, whatever its name is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.manifest import ModelFile
from pisovereign.models.partial_file import PartialFile, PartialFileWriter, in_thread

_PIECE = 1 << 20
_DEEPEST = 3
_MOST_FILES = 20_000


def candidates(folder: Path, size: int) -> Iterator[Path]:
    """Return regular files of exactly `size` bytes; links are not followed."""
    seen = 0
    for parent, folders, names in os.walk(folder):
        if len(Path(parent).relative_to(folder).parts) >= _DEEPEST:
            folders.clear()
        for name in names:
            seen += 1
            if seen > _MOST_FILES:
                return
            path = Path(parent) / name
            try:
                if not path.is_symlink() and path.is_file() and path.stat().st_size == size:
                    yield path
            except OSError:
                continue  # pulled out, or not readable: not a candidate


def holds(folder: Path, file: ModelFile) -> bool:
    """Return whether a file of the right size is there; its content is checked when copied."""
    return next(candidates(folder, file.size), None) is not None


async def fetch_folder(folder: Path, file: ModelFile, part: PartialFile) -> None:
    """Leave the whole, verified file in `part`; canceled, it has stopped writing.

    Raises:
        DownloadFailed: the folder has no file of that size, or it cannot be read.
        WrongContent: what has the size has another checksum.
    """
    found = False
    import asyncio  # noqa: PLC0415 - whoever only asks `holds` has no event loop

    for path in await asyncio.to_thread(list, candidates(folder, file.size)):
        found = True
        try:
            with path.open("rb") as content, part.writing_from(0) as out:
                while await in_thread(_copy_piece, content, out):
                    pass
        except OSError as error:
            raise DownloadFailed(f"{path.name} cannot be copied: {error.strerror}") from error
        if await in_thread(part.is_right):
            return
    if found:
        raise WrongContent("a file of the right size has another checksum than expected")
    raise DownloadFailed(f"no file of {file.size} bytes in it")


def _copy_piece(content: BinaryIO, out: PartialFileWriter) -> bool:
    """Copy a piece; False at the end."""
    piece = content.read(_PIECE)
    if piece:
        out.write(piece)
    return bool(piece)
