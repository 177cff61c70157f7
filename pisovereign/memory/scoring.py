"""The weight of importance and age in a match, in a narrow band.

    score = (dense + lexical) / best * importance_factor * recency_factor

What `dense` and `lexical` are, `search_index.ranking` says.
"""

from __future__ import annotations

import datetime as dt

from pisovereign.memory.types import ScoreParts

# Together they move a score by 8 % at most. Where importance and age say nothing about the
# question, that costs 1 % of nDCG@10; twice as much costs 6 %.
IMPORTANCE_BAND = 0.05
RECENCY_BAND = 0.03
RECENCY_HALF_LIFE_DAYS = 90.0


def importance_factor(importance: float) -> float:
    """Return 0.95 to 1.05 for an importance of 0 to 1."""
    return 1.0 + IMPORTANCE_BAND * (2.0 * importance - 1.0)


def recency_factor(age: dt.timedelta) -> float:
    """Return 1.03 for now, falling towards 0.97; a clock that was set back counts as now."""
    days = max(age.total_seconds(), 0.0) / 86_400
    freshness: float = 2.0 ** (-days / RECENCY_HALF_LIFE_DAYS)
    return 1.0 + RECENCY_BAND * (2.0 * freshness - 1.0)


def score_parts(
    dense: float | None, lexical: float, best: float, *, importance: float, age: dt.timedelta
) -> ScoreParts:
    """Return all parts of one memory's score.

    Args:
        dense: None without a vector, which counts as 0.
        lexical: What its words count.
        best: The greatest sum of both in the search; one below 1 counts as 1.
        importance: 0 to 1.
        age: Since it was told or changed.
    """
    scale = max(best, 1.0)
    lexical /= scale
    return ScoreParts(
        # Less than nothing fits as little as nothing.
        dense=None if dense is None else max(dense / scale, -lexical),
        lexical=lexical,
        importance=importance_factor(importance),
        recency=recency_factor(age),
    )


def score(parts: ScoreParts) -> float:
    """Return the number that memories are ordered by, about 1 at most."""
    return ((parts.dense or 0.0) + parts.lexical) * parts.importance * parts.recency
