"""How good a match is: meaning and words fused, then importance and recency in a narrow band.

    fused = dense_weight * dense + (1 - dense_weight) * lexical
    score = fused * importance_factor * recency_factor

`dense` and `lexical` are cosine and BM25, each divided by the best one of the search. So a search
has its own scale, and scores of two searches cannot be compared; cosines can. The weight goes
by the language that is asked in.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from pisovereign.languages.detection import is_english
from pisovereign.memory.types import ScoreParts

# Chosen on the topics of bench.retrieval. all-MiniLM-L6-v2 knows English: there words hardly help,
# and where they mislead, they cost a fifth at 0.8. To it, any two German sentences are similar.
ENGLISH_DENSE_WEIGHT = 0.95
OTHER_DENSE_WEIGHT = 0.75
# Together they move a score by 8 % at most. Where importance and age say nothing about the
# question, that costs 1 % of nDCG@10; twice as much costs 6 %, which is all that words bring.
IMPORTANCE_BAND = 0.05
RECENCY_BAND = 0.03
RECENCY_HALF_LIFE_DAYS = 90.0
_NOTHING = 1e-9  # a best value below it is rounding


class Scale(NamedTuple):
    """The best cosine and BM25 among everything that was searched; 0 where there is none."""

    cosine: float
    bm25: float


class Weights(NamedTuple):
    """What one unit of cosine and of BM25 adds to the relevance in a search."""

    cosine: float
    bm25: float


def dense_weight(text: str) -> float:
    """Return how much meaning counts against words when `text` is searched for, 0 to 1."""
    return ENGLISH_DENSE_WEIGHT if is_english(text) else OTHER_DENSE_WEIGHT


def weights(scale: Scale, dense: float) -> Weights:
    """Return the weights with which the best cosine and the best BM25 of a search add up to 1."""
    return Weights(
        dense / scale.cosine if scale.cosine > _NOTHING else 0.0,
        (1.0 - dense) / scale.bm25 if scale.bm25 > _NOTHING else 0.0,
    )


def relevance(cosine: float, bm25: float, weights: Weights) -> float:
    """Return meaning and words in one number, 0 to 1; without a vector the cosine counts as 0."""
    return weights.cosine * max(cosine, 0.0) + weights.bm25 * bm25


def importance_factor(importance: float) -> float:
    """Return 0.95 to 1.05 for an importance of 0 to 1."""
    return 1.0 + IMPORTANCE_BAND * (2.0 * importance - 1.0)


def recency_factor(age: dt.timedelta) -> float:
    """Return 1.03 for now, falling towards 0.97; a clock that was set back counts as now."""
    days = max(age.total_seconds(), 0.0) / 86_400
    freshness: float = 2.0 ** (-days / RECENCY_HALF_LIFE_DAYS)
    return 1.0 + RECENCY_BAND * (2.0 * freshness - 1.0)


def score_parts(
    cosine: float | None,
    bm25: float,
    scale: Scale,
    *,
    weight: float,
    importance: float,
    age: dt.timedelta,
) -> ScoreParts:
    """Return all parts of one memory's score; `cosine` is None without a vector."""
    return ScoreParts(
        dense=None if cosine is None else _share(cosine, scale.cosine),
        lexical=_share(bm25, scale.bm25),
        dense_weight=weight,
        importance=importance_factor(importance),
        recency=recency_factor(age),
    )


def score(parts: ScoreParts) -> float:
    """Return the number that memories are ordered by."""
    weight = parts.dense_weight
    fused = weight * (parts.dense or 0.0) + (1.0 - weight) * parts.lexical
    return fused * parts.importance * parts.recency


def _share(value: float, best: float) -> float:
    return min(max(value, 0.0) / best, 1.0) if best > _NOTHING else 0.0
