from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.sampling import DeadEnd, Ids, Sampler, SamplingParams, top

SIZE = 4096


def peaked(seed: int = 0, spread: float = 3.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, SIZE).astype(np.float32)


def oracle(logits: np.ndarray, **p: Any) -> np.ndarray:
    """Probabilities by the book: sort everything, cut, divide by the temperature, normalize."""
    order = np.argsort(-logits.astype(np.float64), kind="stable")
    if p.get("top_k"):
        order = order[: p["top_k"]]
    values = logits[order].astype(np.float64)
    chance = np.exp(values - values.max())
    chance /= chance.sum()
    keep = np.ones(len(order), bool)
    if p.get("top_p", 1.0) < 1.0:
        keep[int(np.searchsorted(np.cumsum(chance), p["top_p"])) + 1 :] = False
    keep &= chance >= p.get("min_p", 0.0) * chance.max()
    result = np.zeros(len(logits))
    weight = np.exp((values - values.max()) / p.get("temperature", 1.0)) * keep
    result[order] = weight / weight.sum()
    return result


def assert_fits(counts: np.ndarray, expected: np.ndarray) -> None:
    """Chi-squared over what is frequent enough, within five standard deviations."""
    frequent = expected >= 5
    observed = np.append(counts[frequent], counts[~frequent].sum())
    wanted = np.append(expected[frequent], max(expected[~frequent].sum(), 1e-9))
    terms = (observed - wanted) ** 2 / wanted
    freedom = len(terms) - 1
    assert freedom > 1
    assert terms.sum() < freedom + 5 * np.sqrt(2 * freedom) + 5


@pytest.mark.parametrize(
    "params",
    [
        {"temperature": 0.8, "top_k": 40},
        {"temperature": 0.7, "top_k": 40, "top_p": 0.9},
        {"temperature": 1.0, "top_k": 0, "top_p": 0.6},
        {"temperature": 1.3, "top_k": 0, "min_p": 0.1},
        {"temperature": 1.0, "top_k": 0},
        {"temperature": 0.5, "top_k": 5, "top_p": 0.95, "min_p": 0.05},
    ],
)
def test_draws_follow_the_distribution(params: dict[str, Any]) -> None:
    logits = peaked()
    expected = oracle(logits, **params)
    sampler = Sampler(SamplingParams(seed=1, **params))
    draws = 4000
    counts = np.bincount([sampler.sample(logits) for _ in range(draws)], minlength=SIZE)
    assert not counts[expected == 0].any()
    assert_fits(counts, expected * draws)


@given(st.integers(0, 2**32 - 1), st.integers(1, 600), st.integers(1, 5000), st.booleans())
def test_top_is_a_stable_sort(seed: int, k: int, size: int, ties: bool) -> None:
    logits = np.random.default_rng(seed).normal(0, 2, size).astype(np.float32)
    if ties:
        logits = np.round(logits)
    assert top(logits, k).tolist() == np.argsort(-logits, kind="stable")[:k].tolist()


def test_temperature_zero_takes_the_greatest() -> None:
    logits = peaked(3)
    assert Sampler(SamplingParams(temperature=0.0)).sample(logits) == logits.argmax()


def test_a_seed_repeats_and_none_does_not() -> None:
    logits = peaked(spread=0.1)

    def draw(seed: int | None) -> list[int]:
        sampler = Sampler(SamplingParams(seed=seed))
        return [sampler.sample(logits) for _ in range(20)]

    assert draw(7) == draw(7)
    assert draw(-7) == draw(-7)
    assert draw(7) != draw(8)
    assert draw(None) != draw(None)


def test_repetition_is_penalized_in_both_signs_without_changing_the_logits() -> None:
    logits = np.full(SIZE, -5.0, np.float32)
    logits[[1, 2]] = [3.0, 2.9]
    before = logits.copy()
    sampler = Sampler(SamplingParams(temperature=0.0, repeat_penalty=1.5), [1])
    assert sampler.sample(logits) == 2
    sampler.accept(2)
    assert sampler.sample(logits) == 1
    assert (logits == before).all()
    negative = np.array([-1.0, -1.2], np.float32)
    assert Sampler(SamplingParams(temperature=0.0, repeat_penalty=1.5), [0]).sample(negative) == 1


class Only:
    """Allows given tokens and remembers how many it was asked about."""

    def __init__(self, *tokens: int) -> None:
        self._tokens = tokens
        self.asked = 0
        self.accepted: list[int] = []

    def allowed(self, ids: Ids) -> np.ndarray:
        self.asked += len(ids)
        return np.isin(ids, self._tokens)

    def accept(self, token: int) -> None:
        self.accepted.append(token)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_constraint_holds_however_unlikely_its_tokens(temperature: float) -> None:
    logits = peaked()
    last = int(logits.argmin())
    constraint = Only(last)
    sampler = Sampler(SamplingParams(temperature=temperature), constraint=constraint)
    assert sampler.sample(logits) == last
    sampler.accept(last)
    assert constraint.accepted == [last]


def test_a_likely_token_costs_a_constraint_little() -> None:
    logits = peaked()
    constraint = Only(int(logits.argmax()))
    Sampler(SamplingParams(temperature=0.0), constraint=constraint).sample(logits)
    assert constraint.asked == 1


def test_constrained_draws_are_those_of_the_allowed_tokens() -> None:
    logits = peaked()
    allowed = np.argsort(-logits)[::97][:30]
    masked = np.full(SIZE, -np.inf, np.float32)
    masked[allowed] = logits[allowed]
    expected = oracle(masked, top_k=10)
    sampler = Sampler(SamplingParams(temperature=1.0, top_k=10, seed=2), (), Only(*allowed))
    counts = np.bincount([sampler.sample(logits) for _ in range(2000)], minlength=SIZE)
    assert_fits(counts, expected * 2000)


def test_a_constraint_that_allows_nothing_is_a_dead_end() -> None:
    with pytest.raises(DeadEnd):
        Sampler(SamplingParams(), constraint=Only()).sample(peaked())
