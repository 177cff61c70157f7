"""Pieces of different kinds, one after the other, compressed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from pisovereign.backup.errors import BackupUnreadable

LARGEST = 1024 * 1024
"""Bytes in a frame at most."""

_HEAD = struct.Struct(">cI")
_PIECE = 256 * 1024
# Sealed text and hexadecimal digits: more effort gains nothing.
_LEVEL = 1


class Sink(Protocol):
    """What frames are written to."""

    def write(self, data: bytes) -> None:
        """Take bytes."""


class FrameWriter:
    """Writes frames into a sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._compressor = zlib.compressobj(_LEVEL)

    def write(self, kind: bytes, payload: bytes) -> None:
        """Write one frame; `kind` is one byte."""
        assert len(payload) <= LARGEST
        self._sink.write(self._compressor.compress(_HEAD.pack(kind, len(payload)) + payload))

    def close(self) -> None:
        """Write what is held back."""
        self._sink.write(self._compressor.flush())


def read_frames(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload of each frame.

    Raises:
        BackupUnreadable: these are not frames.
    """
    waiting = bytearray()
    for piece in _decompressed(chunks):
        waiting += piece
        start = 0
        while len(waiting) - start >= _HEAD.size:
            kind, size = _HEAD.unpack_from(waiting, start)
            if size > LARGEST:
                raise BackupUnreadable("the backup holds a piece that is too large")
            end = start + _HEAD.size + size
            if len(waiting) < end:
                break
            yield kind, bytes(waiting[start + _HEAD.size : end])
            start = end
        del waiting[:start]
    if waiting:
        raise BackupUnreadable("the backup ends within a piece")


def _decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Bounded pieces, whatever they were compressed to."""
    machine = zlib.decompressobj()
    try:
        for chunk in chunks:
            rest = chunk
            while rest and not machine.eof:
                yield machine.decompress(rest, _PIECE)
                rest = machine.unconsumed_tail
        if machine.eof and not machine.unused_data:
            return
    except zlib.error:
        pass
    raise BackupUnreadable("the backup cannot be unpacked")
