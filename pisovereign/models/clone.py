"""Copying a file of this machine, without a second set of blocks where the filesystem can."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import BinaryIO

from pisovereign.models.partial_file import PartialFile, PartialFileWriter, in_thread

_PIECE = 1 << 20
_FICLONE = 0x40049409  # an ioctl of Linux: share the blocks of another file


async def clone(path: Path, part: PartialFile) -> bool:
    """Leave a copy of the file in `part`; return whether it shares the blocks of the original.

    It is never a link: whoever changes the original would change the model.

    Raises:
        OSError: it cannot be read or written.
        WrongContent: it has grown meanwhile.
    """
    with path.open("rb") as source:
        if await in_thread(_share, source, part):
            return True
        with part.writing_from(0) as out:
            while await in_thread(_copy_piece, source, out):
                pass
    return False


def _share(source: BinaryIO, part: PartialFile) -> bool:
    """Share the blocks; False where the filesystem cannot."""
    with part.path.open("wb") as out:
        try:
            fcntl.ioctl(out.fileno(), _FICLONE, source.fileno())
        except OSError:
            return False
    return True


def _copy_piece(source: BinaryIO, out: PartialFileWriter) -> bool:
    """Copy a piece; False at the end."""
    piece = source.read(_PIECE)
    if piece:
        out.write(piece)
    return bool(piece)
