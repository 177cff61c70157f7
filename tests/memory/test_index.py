"""The native index against numpy, over everything that can happen to it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine_client.encoder import DIMENSIONS
from pisovereign.memory.index import IndexRow, OwnerIndex, RankQuery
from pisovereign.memory.types import KINDS, Kind
from tests.memory.index_oracle import relevances


def vector(seed: int) -> array[float]:
    drawn = np.random.default_rng(seed).normal(size=DIMENSIONS)
    return array("f", drawn / np.linalg.norm(drawn))


@st.composite
def rows(draw: st.DrawFn, number: int) -> IndexRow:
    counts = draw(st.dictionaries(st.integers(-8, 8), st.integers(1, 4), max_size=6))
    seed = draw(st.none() | st.integers(0, 1000))
    return IndexRow(
        id=UUID(int=number),
        kind=draw(st.sampled_from(KINDS)),
        hidden=draw(st.booleans()) and draw(st.booleans()),
        vector=None if seed is None else vector(seed),
        terms=array("q", counts),
        counts=array("i", counts.values()),
        length=sum(counts.values()),
    )


@st.composite
def queries(draw: st.DrawFn) -> RankQuery:
    seed = draw(st.none() | st.integers(0, 1000))
    return RankQuery(
        vector=None if seed is None else vector(seed),
        terms=array("q", draw(st.lists(st.integers(-8, 8), max_size=5, unique=True))),
        kind=draw(st.none() | st.sampled_from(KINDS)),
        limit=draw(st.integers(1, 12)),
        dense_weight=draw(st.floats(0, 1)),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[UUID | IndexRow]:
    """Memories that are put, also again, and removed."""
    numbers = draw(st.lists(st.integers(0, 25), max_size=60))
    return [draw(rows(n)) if draw(st.integers(0, 3)) else UUID(int=n) for n in numbers]


def apply(index: OwnerIndex, history: Sequence[UUID | IndexRow]) -> list[IndexRow]:
    """Let the index see the history; returns what is there at the end."""
    left: dict[UUID, IndexRow] = {}
    for step in history:
        if isinstance(step, UUID):
            index.remove(step)
            left.pop(step, None)
        else:
            index.put(step)
            left[step.id] = step
    return list(left.values())


def check(index: OwnerIndex, left: list[IndexRow], query: RankQuery) -> None:
    """The ranking is the oracle's, but for what 8 bits a dimension cannot tell apart."""
    ranked = index.rank(query).candidates
    expected = dict(zip((row.id for row in left), relevances(left, query), strict=True))
    possible = {i: value for i, value in expected.items() if not np.isnan(value)}
    assert len(ranked) == min(query.limit, len(possible))
    assert len({candidate.id for candidate in ranked}) == len(ranked)
    best = sorted(possible.values(), reverse=True)
    for candidate, value in zip(ranked, best, strict=False):
        # Two random vectors have a best cosine near 0.05: shares of that are that coarse.
        assert possible[candidate.id] == pytest.approx(value, abs=0.12)


@given(histories(), queries())
def test_any_history_ranks_as_the_oracle(history: list[UUID | IndexRow], query: RankQuery) -> None:
    index = OwnerIndex()
    left = apply(index, history)
    assert len(index) == len(left)
    if left:
        check(index, left, query)
    else:
        assert index.rank(query).candidates == []


@pytest.mark.parametrize("kind", [None, "fact"])
def test_the_short_lists_are_extended_until_the_result_is_exact(kind: Kind | None) -> None:
    """The best of both together are the best of neither: the first lists do not hold them."""
    index, query = OwnerIndex(), vector(1)
    other = vector(2)

    def mixed(share: float) -> array[float]:
        return array("f", (share * a + (1 - share) * b for a, b in zip(query, other, strict=True)))

    left = []
    for number in range(900):
        by_meaning, by_words = number < 300, 300 <= number < 600
        share = 0.9 if by_meaning else 0.1 if by_words else 0.7
        words = 1 if by_meaning else 9 if by_words else 5
        terms = array("q", range(words))
        left.append(
            IndexRow(
                UUID(int=number), "fact", False, mixed(share), terms, array("i", [1] * words), 10
            )
        )
    apply(index, left)
    asked = RankQuery(query, array("q", range(9)), kind, 20, 0.8)
    expected = relevances(left, asked)
    ranked = index.rank(asked).candidates
    for candidate in ranked:
        assert expected[candidate.id.int] == pytest.approx(expected.max(), abs=0.01)


@pytest.mark.parametrize("limit", [5, 100, 400])
@pytest.mark.parametrize("threshold", [0.6, 0.2, -0.5])
def test_no_memory_above_a_threshold_is_left_out(threshold: float, limit: int) -> None:
    """Most of those with the words are below it, and more relevant than the others."""
    index, query, other = OwnerIndex(), vector(1), vector(2)
    left = []
    for number in range(900):
        share = number / 900
        mixed = array("f", (share * a + (1 - share) * b for a, b in zip(query, other, strict=True)))
        terms = array("q", range(0 if number % 50 == 0 else 8))
        counts = array("i", [1] * len(terms))
        left.append(IndexRow(UUID(int=number), "fact", False, mixed, terms, counts, 10))
    left.append(IndexRow(UUID(int=900), "fact", False, None, array("q", [1]), array("i", [1]), 1))
    apply(index, left)
    asked = RankQuery(query, array("q", range(8)), None, limit, 0.8, threshold)
    every = index.rank(asked._replace(limit=1000, threshold=None)).candidates
    assert len(every) == 901
    cosines = [
        0.0 if row.vector is None else float(np.dot(query, row.vector)) / np.linalg.norm(row.vector)
        for row in left
    ]
    fits = [c for c in every if cosines[c.id.int] >= threshold]
    expected = relevances(left, asked)
    found = index.rank(asked).candidates
    assert len(found) >= min(limit, len(fits))
    for candidate, wanted in zip(found, fits, strict=False):
        assert cosines[candidate.id.int] >= threshold - 0.02
        assert expected[candidate.id.int] == pytest.approx(expected[wanted.id.int], abs=0.02)


def test_nearest_are_those_with_the_highest_cosines() -> None:
    index = OwnerIndex()
    for number in range(50):
        kind: Kind = "fact" if number % 2 else "context"
        index.put(
            IndexRow(UUID(int=number), kind, False, vector(number), array("q"), array("i"), 0)
        )
    (first, cosine), *_ = index.nearest(vector(7), None, 3)
    assert first.int == 7
    assert cosine == pytest.approx(1, abs=0.01)
    assert all(found.int % 2 == 0 for found, _ in index.nearest(vector(7), "context", 5))
