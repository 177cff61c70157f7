"""The vector index against numpy, on every kernel that runs here, and what it refuses."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pisovereign_native.vectors import VectorIndex, kernels

CHUNK_BYTES = 1 << 21
Floats = NDArray[np.float32]


def vectors(seed: int, count: int, width: int = 384) -> Floats:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def filled(rows: Floats, kernel: str | None = None) -> VectorIndex:
    index = VectorIndex(rows.shape[1], kernel)
    for row, vector in enumerate(rows):
        index.put(row, vector)
    return index


def integers(rows: Floats, greatest: float) -> NDArray[np.int64]:
    """Each row as the index keeps it (119), or a query as it is asked (127)."""
    most = np.abs(rows).max(axis=1, keepdims=True).astype(np.float64)
    factor = np.divide(greatest, most, out=np.zeros_like(most), where=most > 0)
    kept: NDArray[np.int64] = np.rint(rows * factor).astype(np.int64)
    return kept


def oracle(rows: Floats, query: Floats) -> Floats:
    """Cosines of what is kept, rounded where the index rounds; NaN for rows that are NaN."""
    empty = np.isnan(rows[:, 0])
    kept, asked = integers(np.nan_to_num(rows), 119.0), integers(query[None], 127.0)[0]
    cosines: Floats = (kept @ asked).astype(np.float32) * _scale(kept) * _scale(asked[None])
    cosines[empty] = np.nan
    return cosines


def _scale(kept: NDArray[np.int64]) -> Floats:
    length = np.sqrt((kept**2).sum(axis=1).astype(np.float64))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return np.asarray(scale, np.float32)


def ranked(cosines: Floats, k: int, allowed: NDArray[np.uint8] | None = None) -> list[int]:
    order = np.argsort(-cosines, kind="stable")
    counts = ~np.isnan(cosines[order])
    if allowed is not None:
        counts &= allowed[order] != 0
    return [int(row) for row in order[counts][:k]]


def test_the_portable_kernel_runs_everywhere_and_the_fastest_is_chosen() -> None:
    assert kernels()[-1] == "portable"
    assert VectorIndex(384).kernel == kernels()[0]
    with pytest.raises(ValueError, match="no kernel 'sse9' runs here, only"):
        VectorIndex(384, "sse9")


@st.composite
def cases(draw: Any) -> tuple[Floats, Floats, NDArray[np.uint8] | None]:
    """Rows, a query, and which rows are allowed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 140))
    width = draw(st.sampled_from([1, 2, 15, 63, 64, 65, 128, 129, 384, 1000, 8192]))
    rows = rng.normal(size=(count, width)).astype(np.float32)
    rows[rng.random(count) < 0.1] = 0.0
    if draw(st.booleans()):  # all values at the very ends of the range
        rows = np.sign(rows) * np.float32(draw(st.sampled_from([1e-38, 1.0, 1e38])))
    rows = rows[rng.integers(count, size=count)]  # some are equal
    query = rows[rng.integers(count)] * np.float32(draw(st.sampled_from([-1.0, 1.0])))
    masked = draw(st.booleans())
    return rows, query, rng.integers(0, 2, count).astype(np.uint8) if masked else None


@pytest.mark.parametrize("kernel", kernels())
@given(case=cases(), k=st.integers(1, 150))
def test_it_equals_the_oracle(kernel: str, case: Any, k: int) -> None:
    rows, query, allowed = case
    index = filled(rows, kernel)
    expected = oracle(rows, query)

    found, cosines = index.search(query, k, allowed)
    assert list(found) == ranked(expected, k, allowed)
    assert np.array_equal(cosines, expected[list(found)])
    assert np.array_equal(index.all_cosines(query), expected)
    some = np.arange(0, len(rows), 3, dtype=np.int32)[::-1].copy()
    assert np.array_equal(index.cosines(query, some), expected[some])


@pytest.mark.parametrize("kernel", kernels())
@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.sampled_from([2, 20, 100, 384]),
    spread=st.sampled_from([1e-4, 0.003, 0.03, 0.3, 3.0]),
    k=st.sampled_from([1, 2, 10, 100]),
    order=st.sampled_from(["any", "ascending", "descending"]),
)
def test_rows_that_are_passed_over_are_none_of_the_best(
    kernel: str, *, seed: int, width: int, spread: float, k: int, order: str
) -> None:
    """Enough rows to know a bound, around a few centers: many differ by the lower nibbles only."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(3, width))
    count = int(rng.integers(600, 2000))
    noise = rng.normal(0, spread, (count, width))
    rows: Floats = (centers[rng.integers(3, size=count)] + noise).astype(np.float32)
    query = (centers[0] + rng.normal(0, spread, width)).astype(np.float32)
    expected = oracle(rows, query)
    if order != "any":  # the best first: few candidates; the best last: all are
        rows = rows[np.argsort(expected if order == "ascending" else -expected)]
        expected = oracle(rows, query)
    allowed = rng.integers(0, 2, count).astype(np.uint8) if seed % 2 else None
    found, cosines = filled(rows, kernel).search(query, k, allowed)
    assert list(found) == ranked(expected, k, allowed)
    assert np.array_equal(cosines, expected[list(found)])


@given(
    st.lists(st.tuples(st.sampled_from(["put", "remove"]), st.integers(0, 40)), max_size=120),
    st.integers(0, 2**32 - 1),
)
def test_any_order_of_changes_leaves_what_was_put_last(
    changes: list[tuple[str, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    index, mirror = VectorIndex(20), np.full((41, 20), np.nan, np.float32)
    for change, row in changes:
        if change == "put" and row <= index.rows:
            mirror[row] = rng.normal(size=20)
            index.put(row, mirror[row])
        elif change == "remove" and row < index.rows and not np.isnan(mirror[row, 0]):
            mirror[row] = np.nan
            index.remove(row)
        else:
            with pytest.raises(IndexError, match=f"row {row} "):
                index.put(row, np.ones(20, np.float32)) if change == "put" else index.remove(row)
    query = rng.normal(size=20).astype(np.float32)
    expected = oracle(mirror[: index.rows], query)
    assert len(index) == np.count_nonzero(~np.isnan(expected))
    assert np.array_equal(index.all_cosines(query), expected, equal_nan=True)
    assert list(index.search(query, 50)[0]) == ranked(expected, 50)


@pytest.mark.parametrize("kernel", kernels())
def test_several_chunks(kernel: str) -> None:
    chunk = CHUNK_BYTES // (4096 + 8) // 64 * 64
    rows = vectors(1, 3 * chunk + 77, width=4096)
    index = filled(rows, kernel)
    for row in (0, 63, chunk - 1, chunk, 3 * chunk + 76):
        found, cosines = index.search(rows[row], 3)
        assert found[0] == row
        assert cosines[0] == pytest.approx(1.0, abs=2e-4)
        assert list(found) == ranked(oracle(rows, rows[row]), 3)
    found, _ = index.search(rows[0], 1000)
    assert list(found) == ranked(oracle(rows, rows[0]), 1000)


def test_cosines_are_close_to_those_of_the_floats() -> None:
    rows, query = vectors(2, 2000), vectors(3, 1)[0]
    assert np.abs(np.array(filled(rows).all_cosines(query)) - rows @ query).max() < 0.004


@pytest.mark.parametrize("kernel", kernels())
def test_rough_cosines_are_off_by_little_and_not_in_one_direction(kernel: str) -> None:
    rows, query = vectors(2, 2000), vectors(3, 1)[0]
    index = filled(rows, kernel)
    index.remove(7)
    rough = np.array(index.all_cosines(query, rough=True))
    assert np.isnan(rough[7])
    off = np.delete(rough - np.array(index.all_cosines(query)), 7)
    assert abs(off.mean()) < 0.001
    assert off.std() < 0.01
    assert rough.tolist()[8] == filled(rows).all_cosines(query, rough=True)[8]


def test_the_length_of_a_vector_does_not_matter() -> None:
    rows, query = vectors(4, 50), vectors(5, 1)[0]
    plain = filled(rows).search(query, 5)
    for factor in (2.0**-100, 2.0**-20, 2.0**120):  # powers of two, which do not round
        assert filled(rows * np.float32(2.0**-3)).search(query * np.float32(factor), 5) == plain
    denormal = np.full(384, 1e-45, np.float32)
    assert filled(denormal[None]).search(denormal, 1)[1][0] == pytest.approx(1.0)


def test_a_vector_without_direction_is_similar_to_nothing() -> None:
    index = filled(np.array([[0.0, 0.0], [1.0, 0.0]], np.float32))
    assert index.search(np.array([1.0, 0.0], np.float32), 2)[1].tolist() == [1.0, 0.0]
    assert index.search(np.zeros(2, np.float32), 2)[0].tolist() == [0, 1]


def test_an_empty_index_finds_nothing() -> None:
    index = VectorIndex(4)
    query = np.ones(4, np.float32)
    assert [len(part) for part in index.search(query, 3, b"")] == [0, 0]
    assert len(index.all_cosines(query)) == len(index) == index.rows == 0
    index.put(0, query)
    index.remove(0)
    assert len(index.search(query, 3)[0]) == len(index) == 0
    assert np.isnan(index.cosines(query, np.zeros(1, np.int32))).all()


def test_memory_is_counted_and_grows_by_chunks() -> None:
    index = VectorIndex(4096)
    assert index.nbytes == 0
    chunk = CHUNK_BYTES // (4096 + 8) // 64 * 64
    sizes = []
    for row, vector in enumerate(vectors(6, chunk + 1, width=4096)):
        index.put(row, vector)
        sizes.append(index.nbytes)
    assert sizes[0] == sizes[chunk - 1]
    assert CHUNK_BYTES <= sizes[0] < CHUNK_BYTES + 1024
    assert sizes[chunk] == sizes[0] + CHUNK_BYTES


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer keeps memory")
def test_no_more_memory_is_resident_than_is_counted_and_all_is_given_back() -> None:
    index, before = VectorIndex(4096), resident()
    while index.nbytes < 60e6:  # between other memory that comes and goes
        for vector in np.ones((400, 4096)).astype(np.float32):
            index.put(index.rows, vector)
    full, counted = resident(), index.nbytes
    assert 0.5 * counted < full - before < 1.4 * counted
    del index
    assert full - resident() > 0.9 * counted


def test_searches_and_changes_from_several_threads() -> None:
    rows = vectors(7, 2000, width=3000)
    index = filled(rows[:500])

    def grow() -> None:
        for row in range(500, len(rows)):
            index.put(row, rows[row])
        for row in range(500, len(rows), 2):
            index.remove(row)
            index.put(row, rows[row])

    def look(row: int) -> int:
        assert len(index) <= index.rows <= len(rows)
        assert np.isclose(index.cosines(rows[row], np.array([row], np.int32))[0], 1.0, atol=1e-3)
        return index.search(rows[row], 1)[0][0]

    with ThreadPoolExecutor(3) as pool:
        growing = pool.submit(grow)
        assert list(pool.map(look, range(500))) == list(range(500))
        growing.result()
    assert list(map(look, range(500, len(rows), 97))) == list(range(500, len(rows), 97))


def test_what_is_out_of_range_is_refused() -> None:
    for width in (0, -1, 8193):
        with pytest.raises(ValueError, match="width"):
            VectorIndex(width)
    index, query = VectorIndex(4), np.ones(4, np.float32)
    index.put(0, query)
    for row in (-1, 2, 1 << 24):
        with pytest.raises(IndexError, match="row"):
            index.put(row, query)
    for row in (-1, 1, 1 << 40):
        with pytest.raises(IndexError, match="holds no vector"):
            index.remove(row)
    for rows in ([-1], [0, 1]):
        with pytest.raises(IndexError, match="there is no row"):
            index.cosines(query, np.array(rows, np.int32))
    for k in (0, -1, 65_537):
        with pytest.raises(ValueError, match="k is"):
            index.search(query, k)
    for mask in (b"", b"\1\1"):
        with pytest.raises(ValueError, match="allowed has"):
            index.search(query, 1, mask)
    assert len(index) == 1


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        (np.ones(3, np.float32), "4 values"),
        (np.ones(5, np.float32), "4 values"),
        (np.ones(4, np.float64), "dtype"),
        (np.ones((1, 4), np.float32), "dimensions"),
        (np.ones(8, np.float32)[::2], "contiguous"),
        (np.array([1, np.nan, 0, 0], np.float32), "finite"),
        (np.array([1, np.inf, 0, 0], np.float32), "finite"),
    ],
)
def test_other_vectors_are_refused_everywhere(vector: Any, words: str) -> None:
    index = VectorIndex(4)
    index.put(0, np.ones(4, np.float32))
    for call in (
        lambda: index.put(1, vector),
        lambda: index.search(vector, 1),
        lambda: index.cosines(vector, np.zeros(1, np.int32)),
        lambda: index.all_cosines(vector),
    ):
        with pytest.raises(ValueError, match=words):
            call()
    assert index.rows == 1
