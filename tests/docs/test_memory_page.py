"""The formulas in docs/memory.md are computed, and compared with what the program does."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory import scoring
from pisovereign.memory.decay import faded_importance
from pisovereign.memory.types import ScoreParts
from pisovereign.search_index import ranking
from tests.docs.blocks import read

SHARE = st.floats(0, 1)


def formula(name: str) -> str:
    """The right side of the indented line that begins with `name =`."""
    found = re.findall(rf"^    {name} = (.+)$", read("docs/memory.md"), re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


def compute(name: str, **values: float) -> float:
    return float(eval(formula(name), {"__builtins__": {}, "log2": math.log2}, values))


@given(SHARE, st.integers(0, 2000), st.integers(0, 1000), st.floats(1, 3650))
def test_importance_fades_as_it_is_written(
    base: float, idle_days: int, access_count: int, half_life_days: float
) -> None:
    written = compute(
        "importance",
        base=base,
        idle_days=idle_days,
        access_count=access_count,
        half_life_days=half_life_days,
    )
    computed = faded_importance(base, idle_days, access_count, half_life_days)
    assert computed == pytest.approx(written, abs=0.0006)


@given(SHARE, SHARE, SHARE, SHARE)
def test_scores_are_made_as_it_is_written(
    dense: float, lexical: float, importance: float, recency: float
) -> None:
    written = compute(
        "score",
        dense=dense,
        lexical=lexical,
        importance_factor=importance,
        recency_factor=recency,
    )
    parts = ScoreParts(
        dense=dense,
        lexical=lexical,
        importance=importance,
        recency=recency,
    )
    assert scoring.score(parts) == pytest.approx(written)


def test_the_weights_are_as_they_are_written() -> None:
    text = " ".join(read("docs/memory.md").split())
    assert f"{ranking.WORD_WEIGHT:g} times its cover" in text
    assert f"{ranking.SPECIALIST_WEIGHT:g} of MiniLM's and {ranking.GENERALIST_WEIGHT:g}" in text
    assert f"{ranking.LANGUAGE_PENALTY:g} less" in text
    assert f"{ranking.NEIGHBOR_SHARE:.0%}".replace("%", " %") + " of the cover" in text


def test_the_bands_are_as_they_are_written() -> None:
    text = read("docs/memory.md")
    low, high = 1 - scoring.IMPORTANCE_BAND, 1 + scoring.IMPORTANCE_BAND
    assert f"`importance_factor` goes from {low:g} to {high:g}" in text
    low, high = 1 - scoring.RECENCY_BAND, 1 + scoring.RECENCY_BAND
    assert re.search(rf"`recency_factor` from {high:g}\b[^.]*towards {low:g},", text)
    assert f"half of the way in {scoring.RECENCY_HALF_LIFE_DAYS:g} days" in text
