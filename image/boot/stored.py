"""xz without packing: what a test makes of an image once and throws away takes seconds so."""

from __future__ import annotations

import struct
import zlib

_CHUNK = 1 << 16
_NO_CHECK = b"\0\0"
_FILTER = b"\x00\x21\x01\x08"  # one filter, LZMA2, with a dictionary of 64 KiB


def pack(data: bytes) -> bytes:
    """Return a stream of xz that holds some bytes as they are."""
    stream = b"\xfd7zXZ\0" + _with_sum(_NO_CHECK)
    header = _with_sum(_padded(b"\x02" + _FILTER))
    chunks = [
        bytes([1 if begin == 0 else 2])
        + struct.pack(">H", len(data[begin : begin + _CHUNK]) - 1)
        + data[begin : begin + _CHUNK]
        for begin in range(0, len(data), _CHUNK)
    ]
    block = header + b"".join(chunks) + b"\0"
    listed = b"\0\x01" + _number(len(block)) + _number(len(data))
    index = _with_sum(_padded(listed))
    footer = struct.pack("<I", len(index) // 4 - 1) + _NO_CHECK
    return stream + _padded(block) + index + struct.pack("<I", zlib.crc32(footer)) + footer + b"YZ"


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _with_sum(data: bytes) -> bytes:
    return data + struct.pack("<I", zlib.crc32(data))


def _number(value: int) -> bytes:
    """Return a number as xz writes it: seven bits at a time, the lowest first."""
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*result, value])
