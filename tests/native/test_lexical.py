"""The lexical index against BM25 by the book, through changes and compactions."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign_native.lexical import LexicalIndex

K1, B = 1.2, 0.75
Texts = dict[int, list[int]]


def put(index: LexicalIndex, row: int, words: list[int]) -> None:
    counts = Counter(words)
    index.put(row, array("q", counts.keys()), array("i", counts.values()), len(words))


def filled(texts: Texts) -> LexicalIndex:
    index = LexicalIndex()
    for row, words in texts.items():
        put(index, row, words)
    return index


def oracle(
    texts: Texts, query: list[int], weights: list[float] | None = None, k1: float = K1, b: float = B
) -> dict[int, float]:
    """Score of each row that has one of the words."""
    scores: dict[int, float] = {}
    mean = sum(map(len, texts.values())) / max(len(texts), 1)
    for place, term in enumerate(query):
        having = sum(term in words for words in texts.values())
        idf = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        weight = weights[place] if weights is not None else 1.0
        for row, words in texts.items():
            times = min(words.count(term), 255)
            if times:
                fraction = times / (times + k1 * (1 - b + b * len(words) / mean))
                scores[row] = scores.get(row, 0.0) + weight * idf * (k1 + 1) * fraction
    return scores


def assert_equal(index: LexicalIndex, texts: Texts, query: list[int]) -> None:
    expected = oracle(texts, query)
    having = [sum(term in words for words in texts.values()) for term in query]
    rarities = [math.log1p((len(texts) - m + 0.5) / (m + 0.5)) for m in having]
    assert np.allclose(index.rarities(array("q", query)), rarities, rtol=1e-5)
    scores = index.all_scores(array("q", query))
    full = [expected.get(row, 0.0) for row in range(index.rows)]
    assert np.allclose(scores, full, rtol=1e-4, atol=1e-6)
    # Close scores may change places by rounding, so the order is that of the index's own scores.
    found, found_scores = index.search(array("q", query), 10)
    order = sorted(expected, key=lambda row: (-scores[row], row))
    assert list(found) == order[:10]
    assert list(found_scores) == [scores[row] for row in found]


words = st.integers(-3, 12).map(lambda word: word * 0x123456789ABCDEF)
text = st.lists(words, max_size=12)


@given(st.lists(text, max_size=30), st.lists(words, max_size=6))
def test_it_equals_the_oracle(all_texts: list[list[int]], query: list[int]) -> None:
    texts = dict(enumerate(all_texts))
    index = filled(texts)
    assert len(index) == index.rows == len(texts)
    assert_equal(index, texts, query)


@given(
    st.lists(st.tuples(st.sampled_from(["put", "put", "remove", "compact"]), text), max_size=150),
    st.integers(0, 2**32 - 1),
    st.lists(words, min_size=1, max_size=6),
)
def test_any_order_of_changes_scores_as_if_made_anew(
    changes: list[tuple[str, list[int]]], seed: int, query: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    index, texts = LexicalIndex(), Texts()
    for change, content in changes:
        row = int(rng.integers(index.rows + 1))
        if change == "put":
            put(index, row, content)
            texts[row] = content
        elif change == "compact":
            index.compact()
        elif row in texts:
            index.remove(row)
            del texts[row]
        else:
            with pytest.raises(IndexError, match=f"row {row} holds no text"):
                index.remove(row)
    assert len(index) == len(texts)
    assert_equal(index, texts, query)


def test_many_texts_and_removals() -> None:
    rng = np.random.default_rng(1)
    texts = {row: [int(w) for w in rng.zipf(1.3, 12) if w < 5000] for row in range(3000)}
    index = filled(texts)
    assert_equal(index, texts, [1, 7, 100, 4999])
    full = index.nbytes
    for row in range(0, 3000, 2):
        index.remove(row)
        del texts[row]
    for row in range(0, 600, 2):  # rows are used again
        texts[row] = [row, 7]
        put(index, row, texts[row])
    assert_equal(index, texts, [1, 7, 100, 4999, 598])
    index.compact()
    assert_equal(index, texts, [1, 7, 100, 4999, 598])
    assert index.nbytes < full


def test_replacing_a_text_again_and_again_takes_no_more_memory() -> None:
    index = filled({row: [row, 1, 2] for row in range(100)})
    before = index.nbytes
    for turn in range(5000):
        put(index, turn % 100, [turn % 100, 1, 2])
    assert index.nbytes < 4 * before
    assert_equal(index, {row: [row, 1, 2] for row in range(100)}, [1, 50])


def test_parameters_and_weights() -> None:
    texts = {0: [1, 2], 1: [1, 1, 3, 3, 3], 2: [2] * 40}
    for k1, b in ((0.0, 0.0), (10.0, 1.0), (1.5, 0.0)):
        index = LexicalIndex(k1, b)
        for row, content in texts.items():
            put(index, row, content)
        expected = oracle(texts, [1, 2], [0.5, 3.0], k1, b)
        scores = index.all_scores(array("q", [1, 2]), array("f", [0.5, 3.0]))
        assert np.allclose(scores, [expected[row] for row in range(3)], rtol=1e-5)
    for k1, b in ((-0.1, 0.5), (math.nan, 0.5), (1.0, 1.1), (1.0, math.nan)):
        with pytest.raises(ValueError, match="k1 is"):
            LexicalIndex(k1, b)


def test_a_word_counts_255_times_at_most_however_it_is_given() -> None:
    texts = {0: [5] * 300, 1: [5], 2: [6]}
    index = filled(texts)
    assert_equal(index, texts, [5])
    parts = LexicalIndex()
    parts.put(0, array("q", [5, 5, 5]), array("i", [100, 150, 50]), 300)
    put(parts, 1, [5])
    put(parts, 2, [6])
    assert parts.all_scores(array("q", [5])) == index.all_scores(array("q", [5]))


def test_equal_scores_rank_by_row_also_when_rows_were_replaced() -> None:
    index = filled({row: [1, 2] for row in range(20)})
    put(index, 3, [1, 2])
    assert list(index.search(array("q", [1]), 5)[0]) == [0, 1, 2, 3, 4]


def test_rows_that_are_not_allowed_do_not_count() -> None:
    texts = {row: [1] * (row + 1) for row in range(9)}
    index = filled(texts)
    allowed = bytes([1, 0] * 4 + [0])
    best = index.search(array("q", [1]), 2, allowed=allowed)[0]
    scores = index.all_scores(array("q", [1]))
    assert list(best) == sorted(range(0, 8, 2), key=lambda row: -scores[row])[:2]


def test_an_empty_index_and_texts_without_words() -> None:
    index = LexicalIndex()
    assert [len(part) for part in index.search(array("q", [1]), 3, allowed=b"")] == [0, 0]
    assert len(index.all_scores(array("q", [1]))) == 0
    put(index, 0, [])
    assert len(index) == 1
    assert list(index.all_scores(array("q", [1]))) == [0.0]
    put(index, 1, [1])
    assert_equal(index, {0: [], 1: [1]}, [1])
    assert len(index.search(array("q"), 3)[0]) == 0


def test_fifty_thousand_texts_fit_beside_their_vectors() -> None:
    """The bound on an index of 50,000 memories is 60 MB, of which vectors take 19.5."""
    rng = np.random.default_rng(2)
    index = LexicalIndex()
    for row in range(5000):
        found = np.unique(rng.zipf(1.2, 60) % 50_000).astype(np.int64)
        index.put(row, found, np.ones(len(found), np.int32), 60)
    assert index.nbytes * 10 < 30e6


def test_searches_and_changes_from_several_threads() -> None:
    index = filled({row: [row, 7] for row in range(500)})

    def change() -> None:
        for turn in range(4000):
            put(index, 500 + turn % 300, [-1 - turn, 7])

    def look(row: int) -> int:
        assert 500 <= len(index) <= index.rows <= 800
        assert index.nbytes > 0
        return index.search(array("q", [row, 7]), 1)[0][0]

    with ThreadPoolExecutor(3) as pool:
        changing = pool.submit(change)
        found = pool.map(look, range(500))
        assert list(found) == list(range(500))
        changing.result()
    assert len(index) == 800


def test_what_is_out_of_range_is_refused() -> None:
    index = filled({0: [1]})
    one, ones = array("q", [1]), array("i", [1])
    for row in (-1, 2, 1 << 23):
        with pytest.raises(IndexError, match="row"):
            index.put(row, one, ones, 1)
    for row in (-1, 1, 1 << 40):
        with pytest.raises(IndexError, match="holds no text"):
            index.remove(row)
    for count in (0, -1):
        with pytest.raises(ValueError, match="count 0 is"):
            index.put(0, one, array("i", [count]), 1)
    for length in (-1, 1 << 31):
        with pytest.raises(ValueError, match="length is"):
            index.put(0, one, ones, length)
    with pytest.raises(ValueError, match="1 terms and 2 counts"):
        index.put(0, one, array("i", [1, 1]), 2)
    for k in (0, -1, 65_537):
        with pytest.raises(ValueError, match="k is"):
            index.search(one, k)
    for allowed in (b"", b"\1\1"):
        with pytest.raises(ValueError, match="allowed has"):
            index.search(one, 1, allowed=allowed)
    for weight in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="weight 0 is"):
            index.all_scores(one, array("f", [weight]))
    with pytest.raises(ValueError, match="1 terms and 2 weights"):
        index.search(one, 1, array("f", [1.0, 1.0]))
    assert list(index.all_scores(one)) == [pytest.approx(math.log(4 / 3), rel=1e-5)]


@pytest.mark.parametrize("terms", [array("i", [1]), array("d", [1.0]), np.ones((1, 1), np.int64)])
def test_other_types_and_layouts_are_refused(terms: Any) -> None:
    index = filled({0: [1]})
    with pytest.raises(ValueError, match=r"dtype|dimensions"):
        index.put(0, terms, array("i", [1]), 1)
    with pytest.raises(ValueError, match=r"dtype|dimensions"):
        index.search(terms, 1)
    with pytest.raises(TypeError):
        index.search(None, 1)  # type: ignore[arg-type]
