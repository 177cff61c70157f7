from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.sampling import DeadEnd, Ids, Sampler, SamplingParams
from tests.native.sampling_oracle import distribution

SIZE = 4096


def peaked(seed: int = 0, spread: float = 3.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, SIZE).astype(np.float32)


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
    expected = distribution(logits, **params)
    sampler = Sampler(SamplingParams(seed=1, **params))
    draws = 4000
    counts = np.bincount([sampler.sample(logits) for _ in range(draws)], minlength=SIZE)
    assert not counts[expected == 0].any()
    assert_fits(counts, expected * draws)


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
    assert draw(2**63 - 1) == draw(2**63 - 1)
    assert draw(7) != draw(8)
    assert draw(None) != draw(None)


def test_a_token_is_decided_by_its_place_in_the_answer_alone() -> None:
    flat, sure = peaked(spread=0.1), peaked()
    sure[5] = 100.0

    def third(*rows: np.ndarray, constraint: Only | None = None) -> int:
        sampler = Sampler(SamplingParams(seed=11), (), constraint)
        return [sampler.sample(row) for row in rows][2]

    assert third(flat, flat, flat) == third(sure, sure, flat) == third(sure, flat, flat)
    # The second is refused at first, and drawn again.
    all_but_one = Only(*(n for n in range(SIZE) if n != 5))
    assert third(flat, sure, flat, constraint=all_but_one) == third(flat, flat, flat)


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
        self.is_sequence = False
        self.asked = 0
        self.masks = 0
        self.accepted: list[int] = []

    def allowed(self, ids: Ids) -> np.ndarray:
        self.asked += len(ids)
        return np.isin(ids, self._tokens)

    def mask(self, size: int) -> np.ndarray:
        self.masks += 1
        return np.isin(np.arange(size), self._tokens)

    def accept(self, token: int) -> None:
        self.accepted.append(token)

    def forced(self, most: int) -> list[int]:
        return list(self._tokens[:most]) if self.is_sequence else []


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_constraint_holds_however_unlikely_its_tokens(temperature: float) -> None:
    logits = peaked()
    last = int(logits.argmin())
    constraint = Only(last)
    sampler = Sampler(SamplingParams(temperature=temperature), constraint=constraint)
    assert sampler.sample(logits) == last
    sampler.accept(last)
    assert constraint.accepted == [last]


@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_a_token_that_is_allowed_costs_one_question(temperature: float) -> None:
    logits = peaked()
    logits[7] = 100.0
    constraint = Only(7)
    Sampler(SamplingParams(temperature=temperature), constraint=constraint).sample(logits)
    assert (constraint.asked, constraint.masks) == (1, 0)


def test_all_tokens_are_masked_only_when_no_likely_one_is_allowed() -> None:
    logits = peaked()
    order = np.argsort(-logits, kind="stable")
    greedy = SamplingParams(temperature=0.0)
    near, far = Only(*order[[200, 3000]]), Only(order[3000])
    assert Sampler(greedy, (), near).sample(logits) == order[200]
    assert near.masks == 0
    assert Sampler(greedy, (), far).sample(logits) == order[3000]
    assert far.masks == 1
    drawn = Only(*order[20:4000:5])
    Sampler(SamplingParams(top_k=10), (), drawn).sample(logits)
    assert drawn.masks == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 2000), st.floats(0, 1), st.sampled_from([1, 1.5]))
def test_at_temperature_zero_it_is_masking(
    seed: int, size: int, share: float, penalty: float
) -> None:
    rng = np.random.default_rng(seed)
    logits = np.round(rng.normal(0, 3, size)).astype(np.float32)
    allowed = rng.random(size) < share
    params = SamplingParams(temperature=0.0, repeat_penalty=penalty)
    recent = rng.integers(size, size=20).tolist()
    sampler = Sampler(params, recent, Only(*np.flatnonzero(allowed)))
    expected = distribution(
        logits, temperature=0.0, repeat_penalty=penalty, recent=recent, allowed=allowed
    )
    if expected.any():
        assert sampler.sample(logits) == expected.argmax()
    else:
        with pytest.raises(DeadEnd):
            sampler.sample(logits)


def constrained_counts(logits: np.ndarray, allowed: Ids, draws: int, **params: Any) -> np.ndarray:
    sampler = Sampler(SamplingParams(seed=2, **params), (), Only(*allowed))
    return np.bincount([sampler.sample(logits) for _ in range(draws)], minlength=SIZE)


@pytest.mark.parametrize(
    "params",
    [
        {"temperature": 1.0, "top_k": 60},
        {"temperature": 0.6, "top_k": 100, "top_p": 0.9},
        {"temperature": 1.5, "top_k": 0, "top_p": 0.8},
        {"temperature": 1.0, "top_k": 0, "min_p": 0.02},
    ],
)
def test_with_a_constraint_it_is_the_filtered_distribution_then_masked(
    params: dict[str, Any],
) -> None:
    logits = peaked()
    allowed = np.argsort(-logits)[1::4]
    filtered = distribution(logits, **params)
    expected = np.zeros(SIZE)
    expected[allowed] = filtered[allowed]
    assert 0.1 < expected.sum() < 0.9
    counts = constrained_counts(logits, allowed, 3000, **params)
    assert not counts[expected == 0].any()
    assert_fits(counts, expected / expected.sum() * 3000)


def test_without_filters_a_constraint_is_masking() -> None:
    logits = peaked(spread=2.0)
    allowed = np.argsort(-logits)[1::3]
    mask = np.isin(np.arange(SIZE), allowed)
    params: dict[str, Any] = {"temperature": 1.0, "top_k": 0}
    counts = constrained_counts(logits, allowed, 3000, **params)
    assert not counts[~mask].any()
    assert_fits(counts, distribution(logits, allowed=mask, **params) * 3000)


@pytest.mark.parametrize("params", [{"top_k": 10}, {"top_k": 0, "top_p": 0.7}])
def test_when_all_that_is_likely_is_refused_it_is_masking(params: dict[str, Any]) -> None:
    logits = peaked(spread=2.0)
    allowed = np.argsort(-logits)[2000::7]
    mask = np.isin(np.arange(SIZE), allowed)
    counts = constrained_counts(logits, allowed, 2000, temperature=1.0, **params)
    expected = distribution(logits, allowed=mask, temperature=1.0, **params)
    assert not counts[expected == 0].any()
    assert_fits(counts, expected * 2000)


def test_weights_that_vanish_do_not_decide() -> None:
    logits = np.full(SIZE, -50.0, np.float32)
    logits[[1, 2, 3]] = [30.0, 20.0, 21.0]
    sampler = Sampler(SamplingParams(temperature=0.01), (), Only(2, 3))
    assert {sampler.sample(logits) for _ in range(20)} == {3}


def test_nothing_to_draw_is_a_dead_end() -> None:
    for constraint in (Only(), Only(1)):
        with pytest.raises(DeadEnd):
            Sampler(SamplingParams(), (), constraint).sample(np.full(SIZE, np.nan, np.float32))
    with pytest.raises(DeadEnd):
        Sampler(SamplingParams(), constraint=Only()).sample(peaked())
    with pytest.raises(DeadEnd):
        Sampler(SamplingParams()).sample(np.full(SIZE, np.nan, np.float32))


def test_what_is_forced_counts_as_drawn() -> None:
    """The token behind it is decided by the number that decides it without."""
    logits = np.zeros(1000, np.float32)
    drawn = Sampler(SamplingParams(temperature=1.0, top_k=0, seed=5))
    tokens = [drawn.sample(logits) for _ in range(4)]
    constraint = Only(1, 2, 3)
    constraint.is_sequence = True
    skipping = Sampler(SamplingParams(temperature=1.0, top_k=0, seed=5), (), constraint)
    assert list(skipping.forced(3)) == [1, 2, 3]
    assert not skipping.forced(0)
    constraint.allowed = lambda ids: np.ones(len(ids), np.bool_)  # type: ignore[method-assign]
    assert skipping.sample(logits) == tokens[3]
