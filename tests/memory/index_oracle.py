"""What `OwnerIndex.rank` has to answer, in plain numpy over all memories."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pisovereign.search_index.index_types import IndexRow, RankQuery
from pisovereign.search_index.ranking import (
    GROUPS,
    K1,
    LANGUAGE_PENALTY,
    LANGUAGE_PRIOR_COUNT,
    NEIGHBOR_GAP_S,
    NEIGHBOR_SHARE,
    PRIOR_COUNT,
    PRIOR_DEVIATION,
    PRIOR_MEAN,
    WORD_WEIGHT,
    B,
    VectorModel,
    blends,
)

Numbers = NDArray[np.float64]


def relevances(
    rows: Sequence[IndexRow], query: RankQuery, models: Sequence[VectorModel]
) -> Numbers:
    """The relevance of each row; NaN for one that is no candidate."""
    visible = np.array([not row.hidden for row in rows])
    kind = np.array([query.kind in (None, row.kind) for row in rows])
    cover = np.where(visible, _cover(rows, query), 0.0)
    dense, read = _dense(rows, query, [m for m in models if m.id in query.vectors], visible)
    near = _neighbors(rows, visible)
    said = [
        cover[at] + NEIGHBOR_SHARE * sum(cover[other] for other in near.get(at, ()))
        for at in range(len(rows))
    ]
    candidate = visible & kind & (read | (cover > 0))
    return np.where(candidate, dense + WORD_WEIGHT * np.array(said), np.nan)


def _dense(
    rows: Sequence[IndexRow],
    query: RankQuery,
    models: Sequence[VectorModel],
    visible: NDArray[np.bool_],
) -> tuple[Numbers, NDArray[np.bool_]]:
    exact, rough = (
        np.array([[cosine(row, query, model) for model in models] for row in rows])
        for cosine in (_cosine, _rough_cosine)
    )
    for cosines in (exact, rough):
        cosines[~visible] = np.nan
    languages = [row.language or "" for row in rows]
    dense = np.zeros(len(rows))
    known = ~np.isnan(exact)
    for at, language in enumerate(languages):
        alike = np.array([other == language for other in languages])
        (mixed,) = [
            blend
            for blend, name in zip(blends(models, query.language), GROUPS, strict=True)
            if (name or "") == language
        ]
        if not known[at].any():
            continue
        z = {
            place: (exact[at, place] - mean) / deviation
            for place in range(len(models))
            if known[at, place]
            for mean, deviation in (_usual(rough[:, place], alike),)
        }
        weight = sum(mixed.weights[place] for place in z)
        if weight > 0:
            dense[at] = sum(mixed.weights[p] * v for p, v in z.items()) / weight
            dense[at] *= sum(mixed.weights)
        else:
            dense[at] = np.mean(list(z.values()))
        other = query.language and language and query.language != language
        dense[at] -= LANGUAGE_PENALTY if other else 0
    return dense, known.any(axis=1) if models else np.zeros(len(rows), bool)


def _usual(cosines: Numbers, alike: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean and deviation with what is assumed, as if those numbers had been there too."""
    every, some = cosines[~np.isnan(cosines)], cosines[alike & ~np.isnan(cosines)]
    square = PRIOR_DEVIATION**2 + PRIOR_MEAN**2
    size = len(every) + PRIOR_COUNT
    mean = (every.sum() + PRIOR_COUNT * PRIOR_MEAN) / size
    square = ((every**2).sum() + PRIOR_COUNT * square) / size
    size = len(some) + LANGUAGE_PRIOR_COUNT
    square = ((some**2).sum() + LANGUAGE_PRIOR_COUNT * square) / size
    mean = (some.sum() + LANGUAGE_PRIOR_COUNT * mean) / size
    return float(mean), float(np.sqrt(max(square - mean**2, PRIOR_DEVIATION**2 / 100)))


def _neighbors(rows: Sequence[IndexRow], visible: NDArray[np.bool_]) -> dict[int, list[int]]:
    order = sorted(np.flatnonzero(visible).tolist(), key=lambda at: rows[at].number)
    near: dict[int, list[int]] = {}
    for one, other in pairwise(order):
        if abs(rows[one].told_at - rows[other].told_at) <= NEIGHBOR_GAP_S:
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    return near


def _cosine(row: IndexRow, query: RankQuery, model: VectorModel) -> float:
    """The cosine of what the index keeps: a byte for each dimension."""
    if model.id not in row.vectors:
        return float("nan")
    one, two = _integers(row.vectors[model.id], 119), _integers(query.vectors[model.id], 127)
    return float(one @ two / (np.linalg.norm(one) * np.linalg.norm(two)))


def _rough_cosine(row: IndexRow, query: RankQuery, model: VectorModel) -> float:
    """The same with half of each byte, which says what is usual."""
    if model.id not in row.vectors:
        return float("nan")
    one, two = _integers(row.vectors[model.id], 119), _integers(query.vectors[model.id], 127)
    half = 16 * np.floor((one + 8) / 16)
    return float(half @ two / (np.linalg.norm(one) * np.linalg.norm(two)))


def _integers(vector: Sequence[float], most: int) -> Numbers:
    values = np.array(vector, float)
    integers: Numbers = np.rint(values * (most / np.abs(values).max()))
    return integers


def _cover(rows: Sequence[IndexRow], query: RankQuery) -> Numbers:
    total, most = np.zeros(len(rows)), 0.0
    lengths = np.array([row.length for row in rows], float)
    mean = lengths.mean() or 1.0
    for term, weight in zip(*query.terms, strict=True):
        counts = np.array(
            [dict(zip(r.terms, r.counts, strict=True)).get(term, 0) for r in rows], float
        )
        having = int((counts > 0).sum())
        idf = np.log1p((len(rows) - having + 0.5) / (having + 0.5))
        most += weight * idf
        total += weight * idf * counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths / mean))
    return total / most if most > 0 else total
