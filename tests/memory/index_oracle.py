"""What `OwnerIndex.rank` has to answer, in plain numpy over all memories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pisovereign.memory.index import K1, B, IndexRow, RankQuery


def relevances(rows: Sequence[IndexRow], query: RankQuery) -> NDArray[np.float64]:
    """The relevance of each row; NaN for one that is no candidate."""
    chosen = np.array([not r.hidden and query.kind in (None, r.kind) for r in rows])
    bm25 = np.where(chosen, _bm25(rows, query), 0.0)
    cosine = np.where(chosen, [_cosine(row, query) for row in rows], np.nan)
    candidate = chosen & (~np.isnan(cosine) | (bm25 > 0))
    positive = np.maximum(np.nan_to_num(cosine), 0.0)
    weight = query.dense_weight
    fused = weight * _shares(positive) + (1 - weight) * _shares(bm25)
    return np.where(candidate, fused, np.nan)


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    best = values.max(initial=0.0)
    return values / best if best > 0 else np.zeros_like(values)


def _cosine(row: IndexRow, query: RankQuery) -> float:
    if row.vector is None or query.vector is None:
        return float("nan")
    one, two = np.array(row.vector, float), np.array(query.vector, float)
    return float(one @ two / (np.linalg.norm(one) * np.linalg.norm(two)))


def _bm25(rows: Sequence[IndexRow], query: RankQuery) -> NDArray[np.float64]:
    total = np.zeros(len(rows))
    lengths = np.array([row.length for row in rows], float)
    mean = lengths.mean() or 1.0
    for term in query.terms:
        counts = np.array(
            [dict(zip(r.terms, r.counts, strict=True)).get(term, 0) for r in rows], float
        )
        having = int((counts > 0).sum())
        idf = np.log1p((len(rows) - having + 0.5) / (having + 0.5))
        total += idf * counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths / mean))
    return total
