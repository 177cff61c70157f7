"""Reading the beginning of a file that nobody vouches for."""

from __future__ import annotations

import io
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisovereign.models.gguf.header import (
    LONGEST_HEADER,
    BrokenGguf,
    GgufHeader,
    MoreNeeded,
    read_header,
)
from pisovereign.models.gguf.tensor_types import TENSOR_TYPES
from tests.support.tiny_models import TINY, write_tiny


def read(content: bytes, present: int | None = None, size: int | None = None) -> GgufHeader:
    there = len(content) if present is None else present
    return read_header(io.BytesIO(content), there, len(content) if size is None else size)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def header(
    fields: bytes = b"", count: int = 0, tensors: bytes = b"", tensor_count: int = 1
) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensor_count, count) + fields + tensors


def tensor(
    name: str = "t", shape: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0
) -> bytes:
    dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return text(name) + dimensions + struct.pack("<IQ", kind, offset)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiny(tmp_path_factory.mktemp("gguf") / "m.gguf", "qwen2").read_bytes()


@pytest.mark.parametrize("name", TINY)
def test_it_reads_what_the_reference_reads(name: str, tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "m.gguf", name)
    found = read(path.read_bytes())
    reference = gguf.GGUFReader(path)
    assert {t.name: t.offset + found.data_start for t in found.tensors} == {
        t.name: t.data_offset for t in reference.tensors
    }
    assert [t.size for t in found.tensors] == [t.n_bytes for t in reference.tensors]
    fields = {name for name in reference.fields if not name.startswith("GGUF.")}
    assert set(found.metadata) == fields
    architecture = reference.get_field("general.architecture")
    assert architecture is not None
    assert found.metadata["general.architecture"] == architecture.contents()
    assert found.lengths["tokenizer.ggml.tokens"] == 260
    assert len(found.metadata["tokenizer.ggml.tokens"]) == 32  # type: ignore[arg-type]


def test_formats_are_as_large_as_ggml_says() -> None:
    sizes = {number: tuple(kind[1:]) for number, kind in TENSOR_TYPES.items()}
    known = {int(kind): size for kind, size in gguf.GGML_QUANT_SIZES.items()}
    assert sizes == {number: known[number] for number in sizes}
    names = {kind.name for kind in TENSOR_TYPES.values()}
    assert names == {gguf.GGMLQuantizationType(number).name for number in sizes}


def test_a_real_model(models_dir: Path) -> None:
    path = models_dir / "smollm2-135m-instruct" / "model.gguf"
    size = path.stat().st_size
    with path.open("rb") as file:
        found = read_header(file, size, size)
    assert found.metadata["llama.context_length"] == 8192
    assert found.data_start + found.tensors[-1].offset + found.tensors[-1].size == size


def test_the_beginning_is_enough_and_less_asks_for_more(tiny: bytes) -> None:
    start = read(tiny).data_start
    assert read(tiny[:start], size=len(tiny)) == read(tiny)
    for present in (0, 3, 10, 100, start // 2):
        with pytest.raises(MoreNeeded):
            read(tiny, present=present)


FLOAT = struct.pack("<I", 6)
ENDLESS = text("a") + struct.pack("<IIQ", 9, 8, 3_999_999)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"GGML" + bytes(100), "not a GGUF file"),
        (b"PK\x03\x04" + bytes(100), "not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 1, 1) + bytes(100), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(100), "version 50331648"),
        (header(tensor_count=1 << 60) + bytes(100), "1152921504606846976 tensors"),
        (header(count=1 << 40) + bytes(100), "1099511627776 fields"),
        (header(tensor_count=0), "no tensors"),
        (header(struct.pack("<Q", 1 << 62) + bytes(100), 1), "the name of a field has"),
        (header(text("a") + struct.pack("<IQ", 8, 1 << 30), 1) + bytes(99), "a text has 10737"),
        (header(text("a") + struct.pack("<I", 77), 1) + bytes(99), "unknown kind 77"),
        (header(text("a") + struct.pack("<IIQ", 9, 9, 5), 1) + bytes(99), "array of an unknown"),
        (header(text("a") + struct.pack("<IIQ", 9, 4, 1 << 50), 1) + bytes(99), "items in an"),
        (header(text("a") + struct.pack("<IIQ", 9, 10, 3_000_000), 1) + bytes(99), "cut off"),
        (header(ENDLESS, 1) + bytes(4096), "cut off in its header"),
        (header((text("a") + FLOAT + bytes(4)) * 2, 2, tensor()), "a field twice"),
        (header(tensors=tensor() + tensor(offset=128), tensor_count=2) + bytes(999), "tensor twi"),
        (header(tensors=tensor(shape=(0,))) + bytes(999), "no size that could be"),
        (header(tensors=tensor(shape=(1 << 40, 1 << 40))) + bytes(999), "no size that could be"),
        (header(tensors=tensor(shape=(1, 1, 1, 1, 1))) + bytes(999), "5 dimensions"),
        (header(tensors=tensor(shape=(31,), kind=2)) + bytes(999), "no size that could be"),
        (header(tensors=tensor(offset=7)) + bytes(999), "overlap"),
        (
            header(tensors=tensor("a") + tensor("b", offset=96), tensor_count=2) + bytes(9),
            "overlap",
        ),
        (header(tensors=tensor(shape=(1024,))) + bytes(999), "cut off: its tensors need 4160"),
        (header(tensors=tensor(offset=1 << 63)) + bytes(999), "cut off"),
    ],
)
def test_a_lie_is_refused_in_one_line(content: bytes, problem: str) -> None:
    with pytest.raises(BrokenGguf, match=problem) as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_a_header_without_end_is_refused() -> None:
    size = 1 << 40
    endless = header(text("a") + struct.pack("<IIQ", 9, 8, 3_999_999), 1)
    filler = io.BytesIO(endless + struct.pack("<Q", 1000) + bytes(1000))

    class Endless(io.RawIOBase):
        def read(self, count: int = -1) -> bytes:
            taken = filler.read(count)
            if len(taken) < count:
                filler.seek(len(endless))
                taken += filler.read(count - len(taken))
            return taken

    tracemalloc.start()
    try:
        with pytest.raises(BrokenGguf, match="header is too long"):
            read_header(Endless(), size, size)  # type: ignore[arg-type]
        assert tracemalloc.get_traced_memory()[1] < LONGEST_HEADER
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=2000))
def test_any_bytes_are_refused_or_ask_for_more(content: bytes) -> None:
    for whole in (content, b"GGUF" + struct.pack("<I", 3) + content):
        with pytest.raises((BrokenGguf, MoreNeeded)):
            read(whole, size=1 << 33)


@st.composite
def damage(draw: Callable[..., int]) -> list[tuple[int, int]]:
    """Places and new bytes there."""
    return [
        (draw(st.integers(0, 9000)), draw(st.integers(0, 255)))
        for _ in range(draw(st.integers(1, 8)))
    ]


@settings(max_examples=300)
@given(damage(), st.integers(0, 12_000))
def test_a_damaged_header_ends_somehow(
    tiny: bytes, places: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(tiny)
    for place, byte in places:
        content[place] = byte
    for damaged in (bytes(content), bytes(content[: max(4, cut)])):
        try:
            found = read(damaged)
        except (BrokenGguf, MoreNeeded):
            continue
        assert all(t.offset + t.size + found.data_start <= len(damaged) for t in found.tensors)
