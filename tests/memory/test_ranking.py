from __future__ import annotations

import datetime as dt
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.scoring import importance_factor, recency_factor, score, score_parts
from pisovereign.search_index.ranking import (
    GROUPS,
    Blend,
    VectorModel,
    blends,
    similarity,
    standards,
)

ENGLISH = VectorModel("english", 384, frozenset(("en",)))
EVERY = VectorModel("every", 512, None)
DENSE = st.floats(-6, 6)
LEXICAL = st.floats(0, 10)
SHARE = st.floats(0, 1)
AGE = st.timedeltas(dt.timedelta(days=-400), dt.timedelta(days=10_000))


def weights(models: list[VectorModel], asked: str | None, told: str | None) -> tuple[float, ...]:
    return blends(models, asked)[GROUPS.index(told)].weights


def test_a_model_counts_where_it_knows_the_languages() -> None:
    both = [ENGLISH, EVERY]
    special, general = weights(both, "en", "en")
    assert special > general > 0
    for asked, told in (("de", "de"), ("en", "de"), ("de", "en"), (None, "de"), ("de", None)):
        assert weights(both, asked, told) == (0.0, 1.0)
    assert weights(both, None, "en") == weights(both, "en", None) == (special, general)
    assert weights(both, None, None) == (0.5, 0.5)
    # Better than nothing.
    assert weights([ENGLISH], "de", "de") == weights([EVERY], "en", "en") == (1.0,)


def test_what_is_told_in_another_language_has_to_fit_better() -> None:
    penalties = {
        (asked, told): blends([EVERY], asked)[GROUPS.index(told)].penalty
        for asked in GROUPS
        for told in GROUPS
    }
    for (asked, told), penalty in penalties.items():
        assert (penalty > 0) == (None not in (asked, told) and asked != told)


def test_the_weight_of_a_model_that_has_not_read_a_memory_goes_to_the_other() -> None:
    mixed = Blend((0.75, 0.25), 0.5)
    assert mixed.dense([2.0, 2.0]) == mixed.dense([2.0, None]) == mixed.dense([None, 2.0]) == 1.5
    assert mixed.dense([None, None]) is None
    assert Blend((0.0, 1.0), 0.0).dense([2.0, None]) == 2.0
    assert similarity(mixed, [0.1, 0.2]) == 0.1
    assert similarity(mixed, [None, 0.2]) == 0.2
    assert similarity(mixed, [None, None]) is None


def test_many_cosines_are_compared_with_their_own_mean_and_few_with_what_is_assumed() -> None:
    cosines = [0.2 + 0.1 * (number % 7) for number in range(5000)]
    many = (len(cosines), sum(cosines), sum(value * value for value in cosines))
    one, few = standards([many, (1, 0.9, 0.81)])
    assert one.mean == pytest.approx(statistics.fmean(cosines), abs=0.01)
    assert one.deviation == pytest.approx(statistics.pstdev(cosines), abs=0.01)
    assert few.mean == pytest.approx(one.mean, abs=0.02)
    (alone,) = standards([(1, 0.9, 0.81)])
    assert 0.1 < alone.mean < 0.25
    assert alone(0.9) > 2


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


@given(st.none() | DENSE, LEXICAL, DENSE, AGE, SHARE)
def test_a_score_is_a_share_of_the_best(
    dense: float | None, lexical: float, more: float, age: dt.timedelta, importance: float
) -> None:
    best = max((dense or 0.0) + lexical, more)
    parts = score_parts(dense, lexical, best, importance=importance, age=age)
    assert (parts.dense is None) == (dense is None)
    assert 0 <= score(parts) <= 1.082 + 1e-9
    better = score_parts((dense or 0.0) + 1, lexical, best + 1, importance=importance, age=age)
    assert score(better) >= 0
