"""The native index against numpy, over everything that can happen to it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.types import KINDS, Kind
from pisovereign.search_index.index import OwnerIndex
from pisovereign.search_index.index_types import IndexRow, NearestQuery, RankQuery
from pisovereign.search_index.ranking import GROUPS, VectorModel
from pisovereign.search_index.terms import QueryTerms
from tests.memory.index_oracle import relevances

MODELS = (
    VectorModel("english", 96, frozenset(("en",))),
    VectorModel("every", 128, None),
)
NOTHING = QueryTerms(array("q"), array("f"))


def vector(seed: int, model: VectorModel = MODELS[0]) -> array[float]:
    drawn = np.random.default_rng(seed).normal(size=model.dimensions)
    return array("f", drawn / np.linalg.norm(drawn))


@st.composite
def vectors(draw: st.DrawFn) -> dict[str, array[float]]:
    """Of any of the models, or of none."""
    seeds = {model: draw(st.none() | st.integers(0, 1000)) for model in MODELS}
    return {model.id: vector(seed, model) for model, seed in seeds.items() if seed is not None}


@st.composite
def rows(draw: st.DrawFn, number: int) -> IndexRow:
    counts = draw(st.dictionaries(st.integers(-8, 8), st.integers(1, 4), max_size=6))
    return IndexRow(
        id=UUID(int=number),
        number=number,
        told_at=draw(st.sampled_from([0.0, 1000.0, 9000.0])),
        kind=draw(st.sampled_from(KINDS)),
        hidden=draw(st.booleans()) and draw(st.booleans()),
        language=draw(st.sampled_from(GROUPS)),
        vectors=draw(vectors()),
        terms=array("q", counts),
        counts=array("i", counts.values()),
        length=sum(counts.values()),
    )


@st.composite
def queries(draw: st.DrawFn) -> RankQuery:
    weights = draw(st.dictionaries(st.integers(-8, 8), st.sampled_from([1.0, 0.3]), max_size=5))
    return RankQuery(
        vectors=draw(vectors()),
        terms=QueryTerms(array("q", weights), array("f", weights.values())),
        language=draw(st.sampled_from(GROUPS)),
        kind=draw(st.none() | st.sampled_from(KINDS)),
        limit=draw(st.integers(1, 12)),
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
    """The ranking is the oracle's, but for what rounding cannot tell apart."""
    ranked = index.rank(query)
    expected = dict(zip((row.id for row in left), relevances(left, query, MODELS), strict=True))
    possible = {i: value for i, value in expected.items() if not np.isnan(value)}
    assert len(ranked) == min(query.limit, len(possible))
    assert len({candidate.id for candidate in ranked}) == len(ranked)
    best = sorted(possible.values(), reverse=True)
    for candidate, value in zip(ranked, best, strict=False):
        assert candidate.relevance == pytest.approx(possible[candidate.id], abs=0.1)
        assert possible[candidate.id] == pytest.approx(value, abs=0.2)


@given(histories(), queries())
def test_any_history_ranks_as_the_oracle(history: list[UUID | IndexRow], query: RankQuery) -> None:
    index = OwnerIndex(MODELS, KINDS)
    left = apply(index, history)
    assert len(index) == len(left)
    if left:
        check(index, left, query)
    else:
        assert index.rank(query) == []


def made(number: int, share: float, words: int = 0) -> IndexRow:
    """A memory whose vector lies between the question's and another one."""
    one, two = vector(1), vector(2)
    mixed = array("f", (share * a + (1 - share) * b for a, b in zip(one, two, strict=True)))
    return IndexRow(
        id=UUID(int=number),
        number=number,
        told_at=number * 10_000.0,
        kind="fact",
        hidden=False,
        language="en",
        vectors={MODELS[0].id: mixed},
        terms=array("q", range(words)),
        counts=array("i", [1] * words),
        length=10,
    )


def asked(words: int, limit: int, threshold: float | None = None) -> RankQuery:
    terms = QueryTerms(array("q", range(words)), array("f", [1.0] * words))
    return RankQuery({MODELS[0].id: vector(1)}, terms, "en", None, limit, threshold)


def test_the_best_of_both_together_may_be_the_best_of_neither() -> None:
    left = [made(n, *((0.9, 1), (0.1, 9), (0.7, 5))[n // 300]) for n in range(900)]
    index, query = OwnerIndex(MODELS, KINDS), asked(9, 20)
    apply(index, left)
    expected = relevances(left, query, MODELS)
    for candidate in index.rank(query):
        assert expected[candidate.id.int] == pytest.approx(expected.max(), abs=0.02)


@pytest.mark.parametrize("limit", [5, 100, 400])
@pytest.mark.parametrize("threshold", [0.6, 0.2, -0.5])
def test_no_memory_above_a_threshold_is_left_out(threshold: float, limit: int) -> None:
    """Most of those with the words are below it, and more relevant than the others."""
    left = [made(n, n / 900, 0 if n % 50 == 0 else 8) for n in range(900)]
    left.append(made(900, 0.5, 1)._replace(vectors={}))
    index, query = OwnerIndex(MODELS, KINDS), asked(8, limit, threshold)
    apply(index, left)
    every = index.rank(query._replace(limit=1000, threshold=None))
    assert len(every) == 901
    fits = [c for c in every if (c.similarity or 0.0) >= threshold]
    found = index.rank(query)
    assert [candidate.id for candidate in found] == [c.id for c in fits[:limit]]


@pytest.mark.parametrize(
    ("asked_in", "told_in", "counts"),
    [("en", "en", "english"), ("de", "de", "every"), ("en", "de", "every"), (None, "de", "every")],
)
def test_the_model_that_knows_the_languages_tells_how_similar_they_are(
    asked_in: str | None, told_in: str, counts: str
) -> None:
    index = OwnerIndex(MODELS, KINDS)
    question = {model.id: vector(1, model) for model in MODELS}
    told = {model.id: vector(number, model) for number, model in enumerate(MODELS, 2)}
    index.put(made(1, 0.5)._replace(language=told_in, vectors=told))
    (found,) = index.rank(RankQuery(question, NOTHING, asked_in, None, 1))
    assert found.cosines.keys() == {"english", "every"}
    assert found.similarity == found.cosines[counts]


def test_what_is_told_beside_the_words_comes_before_what_is_not() -> None:
    index = OwnerIndex(MODELS, KINDS)
    apart = [made(number, 0.5, 3 if number == 5 else 0) for number in range(10)]
    beside = [row._replace(told_at=50_000.0) if row.number in (4, 5) else row for row in apart]
    apply(index, beside)
    best = index.rank(asked(3, 10))
    assert [candidate.id.int for candidate in best[:2]] == [5, 4]
    assert best[1].lexical == pytest.approx(best[0].lexical / 4)
    assert best[2].lexical == 0
    apply(index, apart)
    assert index.rank(asked(3, 10))[1].lexical == 0


def test_nearest_are_those_with_the_highest_cosines() -> None:
    index = OwnerIndex(MODELS, KINDS)
    for number in range(50):
        kind: Kind = "fact" if number % 2 else "context"
        index.put(made(number, 0)._replace(kind=kind, vectors={MODELS[0].id: vector(number)}))
    (first, cosine), *_ = index.nearest(NearestQuery(MODELS[0].id, vector(7), None, 3))
    assert first.int == 7
    assert cosine == pytest.approx(1, abs=0.01)
    near = index.nearest(NearestQuery(MODELS[0].id, vector(7), "context", 5))
    assert all(found.int % 2 == 0 for found, _ in near)
