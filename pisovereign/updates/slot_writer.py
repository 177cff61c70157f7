"""Writing an update into the partitions of the system that does not run, and reading it back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from pisovereign.errors import StartError
from pisovereign.updates.autoboot import Slot
from pisovereign.updates.board import Board
from pisovereign.updates.bundle import Bundle, Part, unpacked

_BLOCK = 1024 * 1024
_SLOT_IN_LIST: Slot = "a"


def require_room(board: Board, bundle: Bundle, slot: Slot) -> None:
    """Require that every part fits into its partition, before anything is written.

    Raises:
        StartError: A partition is missing or too small.
    """
    for part in bundle.manifest.parts:
        device = board.device(part.name, slot)
        try:
            with device.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
        except OSError as error:
            raise StartError(f"{device}: {error.strerror}") from None
        if size < part.size:
            raise StartError(f"{device}: too small for this update; flash the card anew")


def write(
    board: Board, file: BinaryIO, bundle: Bundle, slot: Slot, tell: Callable[[int], None]
) -> None:
    """Write all parts, and have them on the card before this returns.

    What is there already is only read: that is quicker, and spares the card.

    Args:
        board: whose partitions are written.
        file: stands at the first piece.
        bundle: its notice.
        slot: the system that does not run.
        tell: is told how many bytes of the partitions are done.

    Raises:
        BundleRefused: The file is not what it was.
        StartError: The card refuses.
    """
    done = 0
    for part in bundle.manifest.parts:
        device = board.device(part.name, slot)
        try:
            descriptor = os.open(device, os.O_RDWR | os.O_CLOEXEC)
            try:
                for offset, data in _covering(part, unpacked(file, part), slot):
                    if os.pread(descriptor, len(data), offset) != data:
                        _write_all(descriptor, data, offset)
                    done += len(data)
                    tell(done)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StartError(f"{device}: {error.strerror}") from None


def verify_written(board: Board, bundle: Bundle, slot: Slot) -> None:
    """Read all parts back, from the card and not from memory, and require that they are whole.

    Raises:
        StartError: They are not.
    """
    for part in bundle.manifest.parts:
        device = board.device(part.name, slot)
        try:
            found = _digest(device, part, slot)
        except OSError as error:
            raise StartError(f"{device}: {error.strerror}") from None
        if found != part.sha256:
            raise StartError(f"{device}: does not hold what was written; is the card worn out?")


def _digest(device: Path, part: Part, slot: Slot) -> str:
    digest = hashlib.sha256()
    with device.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        for offset in range(0, part.size, _BLOCK):
            block = file.read(min(_BLOCK, part.size - offset))
            at = _slot_within(part, offset, len(block))
            if at is not None:
                if block[at : at + 1] != slot.encode():
                    raise StartError(f"{device}: names another system than its own")
                block = _replaced(block, at, _SLOT_IN_LIST)
            digest.update(block)
    return digest.hexdigest()


def _covering(
    part: Part, pieces: Iterator[tuple[int, bytes]], slot: Slot
) -> Iterator[tuple[int, bytes]]:
    """Yield everything of a partition, in its order: pieces, and the zeros between them."""
    end = 0
    for offset, piece in pieces:
        yield from _zeros(end, offset)
        at = _slot_within(part, offset, len(piece))
        data = piece if at is None else _replaced(piece, at, slot)
        yield offset, data
        end = offset + len(data)
    yield from _zeros(end, part.size)


def _zeros(begin: int, end: int) -> Iterator[tuple[int, bytes]]:
    for offset in range(begin, end, _BLOCK):
        yield offset, bytes(min(_BLOCK, end - offset))


def _slot_within(part: Part, offset: int, size: int) -> int | None:
    """Return where the letter of the slot stands in a stretch of a part; None: not in it."""
    if part.slot_at is None or not offset <= part.slot_at < offset + size:
        return None
    return part.slot_at - offset


def _replaced(data: bytes, at: int, slot: Slot) -> bytes:
    return data[:at] + slot.encode() + data[at + 1 :]


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
