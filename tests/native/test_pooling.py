"""The pooling kernel against a numpy oracle, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pisovereign_native.pooling import mean_pool


def oracle(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float64]:
    weight = (mask != 0).astype(np.float64)[:, :, None]
    mean = (hidden.astype(np.float64) * weight).sum(axis=1) / weight.sum(axis=1)
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(mean, length, out=np.zeros_like(mean), where=length > 0)
    return unit


@given(
    texts=st.integers(1, 5),
    tokens=st.integers(1, 33),
    width=st.sampled_from([1, 2, 3, 7, 8, 15, 16, 17, 384]),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_equals_the_oracle(texts: int, tokens: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Every column keeps its sign: sums that nearly cancel have few digits left in float32.
    sign = rng.choice([-1.0, 1.0], size=width)
    hidden = (sign * rng.uniform(0.1, 4.0, size=(texts, tokens, width))).astype(np.float32)
    mask = rng.integers(0, 2, size=(texts, tokens))
    mask[:, rng.integers(tokens)] = 1  # every text has a token
    pooled = mean_pool(hidden, mask)
    assert pooled.dtype == np.float32
    assert np.allclose(pooled, oracle(hidden, mask), atol=1e-6, rtol=1e-5)


def test_rows_have_unit_length() -> None:
    hidden = np.random.default_rng(7).normal(size=(4, 20, 384)).astype(np.float32)
    pooled = mean_pool(hidden, np.ones((4, 20), np.int64))
    assert np.allclose(np.linalg.norm(pooled, axis=1), 1.0, atol=1e-6)


def test_padding_never_reaches_the_result_even_as_nan() -> None:
    hidden = np.ones((1, 3, 4), np.float32)
    hidden[0, 2] = np.nan
    pooled = mean_pool(hidden, np.array([[1, 1, 0]]))
    assert np.array_equal(pooled, np.full((1, 4), 0.5, np.float32))


def test_a_mean_without_direction_stays_zero() -> None:
    hidden = np.array([[[1.0, -2.0], [-1.0, 2.0]]], np.float32)
    assert np.array_equal(mean_pool(hidden, np.array([[1, 1]])), np.zeros((1, 2), np.float32))


def test_the_smallest_numbers_have_a_direction() -> None:
    pooled = mean_pool(np.full((1, 2, 4), 1e-42, np.float32), np.ones((1, 2), np.int64))
    assert np.array_equal(pooled, np.full((1, 4), 0.5, np.float32))


def test_a_text_without_tokens_is_refused_by_number() -> None:
    mask = np.array([[1, 1], [0, 0]])
    with pytest.raises(ValueError, match="text 1 has no token"):
        mean_pool(np.ones((2, 2, 4), np.float32), mask)


def test_no_texts_give_no_rows() -> None:
    assert mean_pool(np.empty((0, 5, 4), np.float32), np.empty((0, 5), np.int64)).shape == (0, 4)


def test_shapes_that_disagree_are_refused() -> None:
    hidden = np.ones((2, 3, 4), np.float32)
    for shape in ((2, 2), (3, 3), (1, 3), (2, 4)):
        with pytest.raises(ValueError, match="mask is"):
            mean_pool(hidden, np.ones(shape, np.int64))
    with pytest.raises(ValueError, match="nothing to pool"):
        mean_pool(np.ones((2, 0, 4), np.float32), np.ones((2, 0), np.int64))


def test_other_types_and_layouts_are_refused() -> None:
    hidden, mask = np.ones((2, 3, 4), np.float32), np.ones((2, 3), np.int64)
    with pytest.raises(ValueError, match="dtype"):
        mean_pool(hidden.astype(np.float64), mask)
    with pytest.raises(ValueError, match="dtype"):
        mean_pool(hidden, mask.astype(np.int32))
    with pytest.raises(ValueError, match="contiguous"):
        mean_pool(np.asfortranarray(hidden), mask)
    with pytest.raises(TypeError):
        mean_pool(None, mask)  # type: ignore[arg-type]


def test_arrays_that_may_not_be_written_are_read() -> None:
    hidden = np.ones((1, 2, 4), np.float32)
    hidden.setflags(write=False)
    assert mean_pool(hidden, np.ones((1, 2), np.int64)).shape == (1, 4)
