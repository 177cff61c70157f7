"""The rules for drawing a token by the book: copy, sort everything, cut, exponentiate in double."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray


def distribution(
    logits: NDArray[np.float32],
    *,
    temperature: float = 0.8,
    top_k: int = 40,
    top_p: float = 1.0,
    min_p: float = 0.0,
    repeat_penalty: float = 1.0,
    recent: Collection[int] = (),
    allowed: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Probability of each token; all zero if there is nothing to draw."""
    values = _penalized(logits, repeat_penalty, recent).astype(np.float64)
    values[np.isnan(values)] = -np.inf
    if allowed is not None:
        values[~allowed] = -np.inf
    result = np.zeros(len(values))
    order = np.argsort(-values, kind="stable")
    order = order[values[order] > -np.inf]
    if temperature == 0.0:
        result[order[:1]] = 1.0
        return result
    if top_k:
        order = order[:top_k]
    if not len(order):
        return result
    chance = _weights(values[order], 1.0)
    if top_p < 1.0:
        reached = np.cumsum(chance) >= top_p * chance.sum()
        order = order[: int(reached.argmax()) + 1 if reached.any() else len(order)]
    # Compared as logits, like llama.cpp: near 1 an exponential cannot tell them apart.
    if min_p > 0.0:
        best = values[order[0]]
        order = order[(values[order] == best) | (values[order] >= best + np.log(min_p))]
    weights = _weights(values[order], temperature)
    result[order] = weights / weights.sum()
    return result


def _penalized(
    logits: NDArray[np.float32], penalty: float, recent: Collection[int]
) -> NDArray[np.float32]:
    logits = logits.copy()
    seen = np.array([token for token in set(recent) if token < len(logits)], np.int64)
    with np.errstate(over="ignore"):
        if penalty != 1.0:
            values = logits[seen]
            divided, times = values / np.float32(penalty), values * np.float32(penalty)
            logits[seen] = np.where(values > 0, divided, times)
    return logits


def _weights(values: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    best = values.max()
    with np.errstate(invalid="ignore", over="ignore"):
        weights = np.exp((values - best) / temperature)
    return np.where(values == best, 1.0, weights)
