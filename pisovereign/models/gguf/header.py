"""The header of a GGUF file: its metadata and its list of tensors, read without trusting it.

Whatever the bytes are, reading ends, keeps a bounded number of them, and gives a header or one of
two errors. Counts and lengths are believed only as far as bytes are there. llama.cpp reads the
header again when a model is loaded; this comes first, in Python, where a lie is an exception.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

from pisovereign.models.gguf.tensor_types import TENSOR_TYPES

# The largest known headers have 16 MB: a vocabulary of 262,144 tokens with its merges.
LONGEST_HEADER = 64 * 1024 * 1024
_MOST_FIELDS, _MOST_TENSORS, _MOST_ITEMS = 4096, 65_536, 4_000_000
_LONGEST_KEY, _LONGEST_TEXT = 256, 1024 * 1024
_KEPT_ITEMS = 32  # of an array; nobody here needs a vocabulary
_MOST_DIMENSIONS, _MOST_NUMBERS = 4, 1 << 48
_STRING, _ARRAY = 8, 9
_NUMBERS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...]


class BrokenGguf(Exception):
    """The bytes are no GGUF file that could be whole; one line says why."""


class MoreNeeded(Exception):
    """The header goes on beyond the bytes that are there, which may still be right."""


class Tensor(NamedTuple):
    """A tensor; `offset` from where the tensors begin, `size` in bytes, 0 of an unknown format."""

    name: str
    numbers: int
    type: int
    offset: int
    size: int


class GgufHeader(NamedTuple):
    """The header of a file: what it says about itself.

    Attributes:
        metadata: fields by their names; of an array the first 32 items.
        lengths: how many items each array has.
        tensors: all of them.
        data_start: where in the file the tensors begin.
    """

    metadata: dict[str, Value]
    lengths: dict[str, int]
    tensors: tuple[Tensor, ...]
    data_start: int


def read_header(file: BinaryIO, present: int, size: int) -> GgufHeader:
    """Read a header.

    Args:
        file: begins with it; read forward only.
        present: bytes that are there already.
        size: bytes of the whole file.

    Raises:
        MoreNeeded: more than `present` bytes are needed.
        BrokenGguf: it is not, or cannot become, a whole GGUF file.
    """
    reader = _Reader(file, present, size)
    if reader.take(4) != b"GGUF":
        raise BrokenGguf("it is not a GGUF file")
    version = reader.number("<I")
    if version not in (2, 3):
        raise BrokenGguf(f"its GGUF version {version} is not 2 or 3")
    count = reader.count("<Q", _MOST_TENSORS, "tensors")
    fields = reader.count("<Q", _MOST_FIELDS, "fields of metadata")
    metadata: dict[str, Value] = {}
    lengths: dict[str, int] = {}
    for _ in range(fields):
        key = reader.text(_LONGEST_KEY, "the name of a field")
        if key in metadata:
            raise BrokenGguf("it has a field twice")
        metadata[key] = reader.value(key, lengths)
    if not count:
        raise BrokenGguf("it has no tensors")
    alignment = _alignment(metadata)
    tensors = tuple(reader.tensor() for _ in range(count))
    start = -(-reader.position // alignment) * alignment
    _check(tensors, alignment, start, size)
    return GgufHeader(metadata, lengths, tensors, start)


def _alignment(metadata: dict[str, Value]) -> int:
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 65_536 or alignment % 8:
        raise BrokenGguf("its alignment is none")
    return alignment


def _check(tensors: tuple[Tensor, ...], alignment: int, start: int, size: int) -> None:
    """Check that each tensor has a place of its own in the file."""
    if len({tensor.name for tensor in tensors}) != len(tensors):
        raise BrokenGguf("it has a tensor twice")
    end = 0
    for tensor in sorted(tensors, key=lambda tensor: tensor.offset):
        if tensor.offset % alignment or tensor.offset < end:
            raise BrokenGguf("its tensors overlap")
        end = tensor.offset + tensor.size
    if start + end > size:
        raise BrokenGguf(f"it is cut off: its tensors need {start + end} bytes, and it has {size}")


class _Reader:
    """Takes one value after the other, and never more bytes than are there."""

    def __init__(self, file: BinaryIO, present: int, size: int) -> None:
        self._file = file
        self._present = min(present, size)
        self._size = size
        self.position = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes, which `count` of its callers bounds."""
        if self.position + count > min(self._size, LONGEST_HEADER):
            cut = self.position + count > self._size
            raise BrokenGguf("it is cut off in its header" if cut else "its header is too long")
        if self.position + count > self._present:
            raise MoreNeeded
        taken = self._file.read(count)
        if len(taken) < count:
            raise MoreNeeded
        self.position += count
        return taken

    def number(self, form: str) -> int:
        """Return an integer."""
        return int(struct.unpack(form, self.take(struct.calcsize(form)))[0])

    def count(self, form: str, most: int, what: str) -> int:
        """Return how many there are of something."""
        found = self.number(form)
        if found > most:
            raise BrokenGguf(f"it says that it has {found} {what}, and {most} are the most")
        return found

    def text(self, longest: int, what: str) -> str:
        """Return a text."""
        length = self.number("<Q")
        if length > longest:
            raise BrokenGguf(f"{what} has {length} bytes, and {longest} are the most")
        return self.take(length).decode("utf-8", "replace")

    def value(self, key: str, lengths: dict[str, int]) -> Value:
        """Return the value of a field, and note how long it is if it is an array."""
        kind = self.number("<I")
        if kind == _ARRAY:
            item, length = self.number("<I"), self.count("<Q", _MOST_ITEMS, "items in an array")
            lengths[key] = length
            return self._array(item, length)
        return self._scalar(kind)

    def tensor(self) -> Tensor:
        """Return the description of a tensor."""
        name = self.text(_LONGEST_KEY, "the name of a tensor")
        dimensions = self.count("<I", _MOST_DIMENSIONS, "dimensions of a tensor")
        numbers = first = 1
        for index in range(dimensions):
            length = self.number("<Q")
            numbers *= length
            first = length if index == 0 else first
            if not 0 < numbers <= _MOST_NUMBERS:
                raise BrokenGguf("a tensor has no size that could be")
        kind, offset = self.number("<I"), self.number("<Q")
        if offset > self._size:
            raise BrokenGguf("it is cut off: a tensor begins beyond its end")
        known = TENSOR_TYPES.get(kind)
        if known is None:
            return Tensor(name, numbers, kind, offset, 0)
        if first % known.numbers:
            raise BrokenGguf("a tensor has no size that could be")
        return Tensor(name, numbers, kind, offset, numbers // known.numbers * known.bytes)

    def _scalar(self, kind: int) -> Scalar:
        if kind == _STRING:
            return self.text(_LONGEST_TEXT, "a text")
        form = _NUMBERS.get(kind)
        if form is None:
            raise BrokenGguf(f"it has a field of an unknown kind {kind}")
        value: int | float | bool = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def _array(self, kind: int, length: int) -> tuple[Scalar, ...]:
        """Return the first items of an array, after going over all of them."""
        if kind == _STRING:
            kept = []
            for index in range(length):
                item = self.text(_LONGEST_TEXT, "a text")
                if index < _KEPT_ITEMS:
                    kept.append(item)
            return tuple(kept)
        form = _NUMBERS.get(kind)
        if form is None:
            raise BrokenGguf(f"it has an array of an unknown kind {kind}")
        size = struct.calcsize(form)
        raw = self.take(size * length)
        values = struct.iter_unpack(form, raw[: size * _KEPT_ITEMS])
        return tuple(value[0] for value in values)
