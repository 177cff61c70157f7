from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.ranking import (
    Scale,
    dense_weight,
    importance_factor,
    recency_factor,
    relevance,
    score,
    score_parts,
    weights,
)

COSINE = st.floats(-1, 1)
BM25 = st.floats(0, 100)
SHARE = st.floats(0, 1)
AGE = st.timedeltas(dt.timedelta(days=-400), dt.timedelta(days=10_000))


@given(COSINE, BM25, COSINE, BM25, SHARE)
def test_relevance_is_a_share_of_the_best(
    cosine: float, bm25: float, more: float, words: float, dense: float
) -> None:
    scale = Scale(max(cosine, more, 0.0), max(bm25, words))
    assert 0 <= relevance(cosine, bm25, weights(scale, dense)) <= 1 + 1e-12
    best = relevance(scale.cosine, scale.bm25, weights(scale, dense))
    assert relevance(cosine, bm25, weights(scale, dense)) <= best + 1e-12


@given(COSINE, COSINE, BM25, SHARE)
def test_more_similar_is_never_less_relevant(
    one: float, two: float, bm25: float, dense: float
) -> None:
    scale = Scale(max(one, two, 0.0), bm25)
    low, high = sorted((one, two))
    weight = weights(scale, dense)
    assert relevance(low, bm25, weight) <= relevance(high, bm25, weight)


@given(SHARE, AGE)
def test_importance_and_recency_stay_in_their_band(importance: float, age: dt.timedelta) -> None:
    factor = importance_factor(importance) * recency_factor(age)
    assert 0.92 <= factor <= 1.082


@given(AGE, AGE)
def test_newer_is_never_worse(one: dt.timedelta, two: dt.timedelta) -> None:
    assert recency_factor(min(one, two)) >= recency_factor(max(one, two))


def test_the_factors_at_their_ends() -> None:
    assert importance_factor(0) == pytest.approx(0.95)
    assert importance_factor(1) == pytest.approx(1.05)
    assert recency_factor(dt.timedelta(0)) == pytest.approx(1.03)
    assert recency_factor(dt.timedelta(days=90)) == pytest.approx(1.0)
    assert recency_factor(dt.timedelta(days=-5)) == pytest.approx(1.03)


@given(st.none() | COSINE, BM25, SHARE, AGE, SHARE)
def test_a_score_is_made_of_its_parts(
    cosine: float | None, bm25: float, importance: float, age: dt.timedelta, dense: float
) -> None:
    parts = score_parts(
        cosine, bm25, Scale(1.0, 100.0), weight=dense, importance=importance, age=age
    )
    assert (parts.dense is None) == (cosine is None)
    fused = relevance(cosine or 0.0, bm25, weights(Scale(1.0, 100.0), dense))
    assert score(parts) == pytest.approx(fused * parts.importance * parts.recency)


def test_nothing_fits_nothing() -> None:
    assert relevance(-0.5, 0.0, weights(Scale(0.0, 0.0), 0.8)) == 0.0


def test_words_count_more_where_the_model_knows_the_language_less() -> None:
    assert dense_weight("When does the train leave for the coast?") > dense_weight(
        "Wann fährt der Zug ans Meer?"
    )
