"""How good a match is: meaning and words fused, then importance and recency in a narrow band.

    score = (0.7 * dense + 0.3 * lexical) * importance_factor * recency_factor

`dense` and `lexical` are cosine and BM25, each divided by the best one of the search. So a search
has its own scale, and scores of two searches cannot be compared; cosines can.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from pisovereign.memory.types import ScoreParts

DENSE_WEIGHT = 0.7
# Together they move a score by about 15 % at most: on a public set of dialogues a recency factor of
# that size cost nothing, and one without a bound four fifths of the quality.
IMPORTANCE_BAND = 0.10
RECENCY_BAND = 0.05
RECENCY_HALF_LIFE_DAYS = 90.0


class Scale(NamedTuple):
    """The best cosine and BM25 among everything that was searched; 0 where there is none."""

    cosine: float
    bm25: float


def dense_part(cosine: float, scale: Scale) -> float:
    """The cosine as a share of the best one, 0 to 1."""
    return _share(cosine, scale.cosine)


def lexical_part(bm25: float, scale: Scale) -> float:
    """BM25 as a share of the best one, 0 to 1."""
    return _share(bm25, scale.bm25)


def relevance(cosine: float, bm25: float, scale: Scale) -> float:
    """Meaning and words in one number, 0 to 1; without a vector the cosine counts as 0."""
    return fuse(dense_part(cosine, scale), lexical_part(bm25, scale))


def fuse(dense: float, lexical: float) -> float:
    """The weighted sum of both parts."""
    return DENSE_WEIGHT * dense + (1.0 - DENSE_WEIGHT) * lexical


def importance_factor(importance: float) -> float:
    """0.9 to 1.1 for an importance of 0 to 1."""
    return 1.0 + IMPORTANCE_BAND * (2.0 * importance - 1.0)


def recency_factor(age: dt.timedelta) -> float:
    """1.05 for now, falling towards 0.95; a clock that was set back counts as now."""
    days = max(age.total_seconds(), 0.0) / 86_400
    freshness: float = 2.0 ** (-days / RECENCY_HALF_LIFE_DAYS)
    return 1.0 + RECENCY_BAND * (2.0 * freshness - 1.0)


def score_parts(
    cosine: float | None, bm25: float, scale: Scale, importance: float, age: dt.timedelta
) -> ScoreParts:
    """All parts of one memory's score; `cosine` is None without a vector."""
    return ScoreParts(
        dense=None if cosine is None else dense_part(cosine, scale),
        lexical=lexical_part(bm25, scale),
        importance=importance_factor(importance),
        recency=recency_factor(age),
    )


def score(parts: ScoreParts) -> float:
    """The number that memories are ordered by."""
    return fuse(parts.dense or 0.0, parts.lexical) * parts.importance * parts.recency


def _share(value: float, best: float) -> float:
    return min(max(value, 0.0) / best, 1.0) if best > 0 else 0.0
