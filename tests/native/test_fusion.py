"""Blending similarities against numpy."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pisovereign_native.fusion import NO_GROUP, best, blend, moments

Floats = NDArray[np.float32]


class Case:
    """Random rows, models and groups."""

    def __init__(self, rows: int, models: int, groups: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self.groups = chance.integers(0, groups, rows).astype(np.uint8)
        self.groups[chance.random(rows) < 0.2] = NO_GROUP
        self.cosines = [chance.normal(size=rows).astype(np.float32) for _ in range(models)]
        for column in self.cosines:
            column[chance.random(rows) < 0.3] = np.nan
        self.slopes, self.offsets, self.weights = (
            chance.normal(size=models * groups).astype(np.float32) for _ in range(3)
        )
        self.weights = np.maximum(self.weights, 0)
        self.penalties = chance.random(groups).astype(np.float32)
        self.words = np.maximum(chance.normal(size=rows), 0).astype(np.float32)
        self.before, self.after = (
            chance.integers(-1, rows, rows).astype(np.int32) for _ in range(2)
        )

    def blend(self) -> Floats:
        return np.array(
            blend(
                self.groups,
                self.cosines,
                self.slopes,
                self.offsets,
                self.weights,
                self.penalties,
                self.words,
                self.before,
                self.after,
                2.0,
                0.25,
            ),
            np.float32,
        )

    def expected(self, row: int) -> float:
        group, count = int(self.groups[row]), len(self.penalties)
        if group >= count:
            return math.nan
        z: list[float] = []
        weights: list[float] = []
        for model, column in enumerate(self.cosines):
            at = model * count + group
            if not np.isnan(column[row]):
                z.append(float(self.slopes[at]) * float(column[row]) + float(self.offsets[at]))
                weights.append(float(self.weights[at]))
        if not z and not self.words[row] > 0:
            return math.nan
        total = 0.0
        if z:
            every = sum(float(self.weights[m * count + group]) for m in range(len(self.cosines)))
            total = float(np.mean(z))
            if sum(weights) > 0:
                total = float(np.dot(z, weights)) * every / sum(weights)
            total -= float(self.penalties[group])
        near = [at for at in (self.before[row], self.after[row]) if at >= 0]
        said = float(self.words[row]) + 0.25 * sum(float(self.words[at]) for at in near)
        return total + 2.0 * said


@given(st.integers(1, 200), st.integers(0, 3), st.integers(1, 4), st.integers(0, 1 << 30))
def test_it_equals_the_oracle(rows: int, models: int, groups: int, seed: int) -> None:
    case = Case(rows, models, groups, seed)
    expected = [case.expected(row) for row in range(rows)]
    blended = case.blend()
    assert np.allclose(blended, expected, rtol=1e-3, atol=1e-3, equal_nan=True)
    allowed = (np.arange(rows) % 3 > 0).astype(np.uint8)
    found, scores = best(blended, 10, allowed)
    possible = [row for row in range(rows) if allowed[row] and not np.isnan(blended[row])]
    assert list(found) == sorted(possible, key=lambda row: (-blended[row], row))[:10]
    assert list(scores) == [blended[row] for row in found]


@given(st.integers(1, 200), st.integers(1, 4), st.integers(0, 1 << 30))
def test_moments_are_those_of_each_group(rows: int, groups: int, seed: int) -> None:
    case = Case(rows, 1, groups, seed)
    for group, (size, total, squares) in enumerate(moments(case.cosines[0], case.groups, groups)):
        values = case.cosines[0][(case.groups == group) & ~np.isnan(case.cosines[0])]
        assert size == len(values)
        assert total == pytest.approx(values.astype(float).sum(), abs=1e-4)
        assert squares == pytest.approx((values.astype(float) ** 2).sum(), abs=1e-4)


def test_nothing_is_blended_of_nothing() -> None:
    none, rows, penalties = array("f"), array("i"), array("f", [0.0])
    assert len(blend(b"", [], none, none, none, penalties, none, rows, rows, 1.0, 1.0)) == 0
    assert best(none, 3, b"") == (rows, none)


def spoiled(**changes: Any) -> Callable[[], object]:
    case = Case(8, 2, 3, 1)
    for name, value in changes.items():
        setattr(case, name, value)
    return case.blend


FLOATS = array("f", [0.0] * 7)


@pytest.mark.parametrize(
    "wrong",
    [
        spoiled(cosines=[FLOATS, FLOATS]),
        spoiled(cosines=[np.zeros(8, np.float32)] * 9),
        spoiled(slopes=FLOATS),
        spoiled(offsets=FLOATS),
        spoiled(weights=FLOATS),
        spoiled(words=FLOATS),
        spoiled(before=array("i", [0] * 7)),
        spoiled(after=array("i", [0] * 7)),
        spoiled(penalties=array("f")),
        spoiled(penalties=array("f", [0.0] * 65)),
        lambda: moments(FLOATS, bytes(6), 1),
        lambda: moments(FLOATS, bytes(7), 0),
        lambda: moments(FLOATS, bytes(7), 65),
        lambda: best(FLOATS, 0, bytes(7)),
        lambda: best(FLOATS, 1 << 17, bytes(7)),
        lambda: best(FLOATS, 1, bytes(8)),
    ],
)
def test_wrong_arguments_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        wrong()


def test_neighbors_outside_of_the_rows_are_none() -> None:
    case = Case(8, 1, 2, 3)
    case.before = np.full(8, 8, np.int32)
    case.after = np.full(8, -5, np.int32)
    without = Case(8, 1, 2, 3)
    without.before = without.after = np.full(8, -1, np.int32)
    assert np.array_equal(case.blend(), without.blend(), equal_nan=True)
