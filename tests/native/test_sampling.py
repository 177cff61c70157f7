"""The sampler against a sort-everything oracle, odd logits, corner values, and what it refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pisovereign_native.sampling import PENALTY_WINDOW, TokenSampler, kernels, uniform
from tests.native.sampling_oracle import distribution

DEFAULTS: dict[str, Any] = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 1.0,
    "min_p": 0.0,
    "repeat_penalty": 1.0,
}
LARGEST = float(np.finfo(np.float32).max)
ODD = (np.inf, -np.inf, np.nan, LARGEST, -LARGEST, 0.0, -0.0, 1e-45, -1e-45)
Logits = NDArray[np.float32]
Mask = NDArray[np.uint8]


def sampler(recent: Any = (), **params: Any) -> TokenSampler:
    made = TokenSampler(**{**DEFAULTS, **params})
    for token in recent:
        made.accept(token)
    return made


def rows(seed: int = 0, size: int = 4096, spread: float = 3.0) -> Logits:
    return np.random.default_rng(seed).normal(0, spread, size).astype(np.float32)


def row(*values: float) -> Logits:
    return np.array(values, np.float32)


def probabilities(made: TokenSampler, logits: Logits, allowed: Mask | None = None) -> Any:
    ids, weights = made.shortlist(logits, allowed)
    assert (np.diff(ids) > 0).all()
    result = np.zeros(len(logits))
    if len(ids):
        result[ids] = weights / weights.sum(dtype=np.float64)
    return result


def expected(logits: Logits, ours: Any, params: dict[str, Any], **kw: Any) -> Any:
    """The oracle's answer; which side of a cut a token is on may be a matter of rounding."""
    answer = distribution(logits, **params, **kw)
    for by in (0.0, -1e-6, 1e-6):
        for times in (1.0, 1 - 1e-6, 1 + 1e-6):
            nudged = {**params, "min_p": min(params["min_p"] * times, 1.0)}
            if params["top_p"] < 1.0:
                nudged["top_p"] = params["top_p"] + by
            answer = distribution(logits, **nudged, **kw)
            if np.allclose(ours, answer, rtol=0, atol=1e-6):
                return answer
    return answer


@st.composite
def cases(draw: Any) -> tuple[Logits, dict[str, Any], list[int], Mask | None]:
    size = draw(st.one_of(st.integers(1, 200), st.integers(1, 5000)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = rng.normal(0, draw(st.sampled_from([0.0, 0.3, 3.0, 30.0])), size).astype(np.float32)
    if draw(st.booleans()):
        logits = np.round(logits)
    for value in draw(st.lists(st.sampled_from(ODD), max_size=6)):
        logits[rng.integers(size, size=draw(st.sampled_from([1, 1, 3, size])))] = value
    params = {
        "temperature": draw(st.sampled_from([0.0, 1e-30, 0.1, 0.7, 1.0, 2.0])),
        "top_k": draw(st.sampled_from([0, 0, 1, 2, 40, 256, 1000, 100_000])),
        "top_p": draw(st.sampled_from([0.0, 0.3, 0.9, 0.999, 1.0, 1.0])),
        "min_p": draw(st.sampled_from([0.0, 0.0, 1e-9, 0.05, 0.5, 1.0])),
        "repeat_penalty": draw(st.sampled_from([1.0, 0.1, 1.1, 10.0])),
    }
    recent = [int(token) for token in rng.integers(size + 3, size=draw(st.integers(0, 70)))]
    allowed = None
    if draw(st.booleans()):
        allowed = (rng.random(size) < draw(st.sampled_from([0.0, 0.01, 0.5, 1.0]))).view(np.uint8)
    return logits, params, recent, allowed


@pytest.mark.parametrize("kernel", kernels())
@given(case=cases())
def test_probabilities_are_the_oracles(kernel: str, case: Any) -> None:
    logits, params, recent, allowed = case
    before = logits.copy()
    made = sampler(recent, kernel=kernel, **params)
    ours = probabilities(made, logits, allowed)
    mask = None if allowed is None else allowed.view(np.bool_)
    answer = expected(logits, ours, params, recent=recent[-PENALTY_WINDOW:], allowed=mask)
    assert np.allclose(ours, answer, rtol=0, atol=1e-6)
    assert np.array_equal(logits, before, equal_nan=True)

    ends = np.cumsum(ours)
    for u in (0.0, 0.1, 0.5, 0.77, 1 - 2**-53):
        token = made.draw(logits, u, allowed)
        if not ours.any():
            assert token == -1
            continue
        assert ours[token] > 0
        assert ends[token] - ours[token] - 1e-5 <= u <= ends[token] + 1e-5


@given(case=cases())
def test_every_kernel_gives_the_same_numbers(case: Any) -> None:
    logits, params, recent, allowed = case
    fastest, *others = (sampler(recent, kernel=kernel, **params) for kernel in kernels())
    ids, weights = fastest.shortlist(logits, allowed)
    for other in others:
        assert [part.tobytes() for part in other.shortlist(logits, allowed)] == [
            ids.tobytes(),
            weights.tobytes(),
        ]
        for u in (0.0, 0.3, 0.77, 1 - 2**-53):
            assert other.draw(logits, u, allowed) == fastest.draw(logits, u, allowed)


def test_a_kernel_that_does_not_run_here_is_refused() -> None:
    with pytest.raises(ValueError, match="no kernel 'sse9' runs here, only"):
        sampler(kernel="sse9")


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize("size", [49_152, 151_936])
@pytest.mark.parametrize("spread", [0.2, 3.0])
@pytest.mark.parametrize(
    "params",
    [
        {"temperature": 0.0},
        {"temperature": 0.7, "top_p": 0.9},
        {"top_k": 0, "top_p": 0.9},
        {"top_k": 0, "min_p": 0.02},
        {"top_k": 0},
        {"top_k": 30_000, "top_p": 0.5},
    ],
)
def test_whole_vocabularies(kernel: str, size: int, spread: float, params: dict[str, Any]) -> None:
    logits, params = rows(1, size, spread), {**params, "kernel": kernel}
    ours = probabilities(sampler(**params), logits)
    full = {**DEFAULTS, **params}
    del full["kernel"]
    assert np.allclose(ours, expected(logits, ours, full), rtol=0, atol=1e-6)
    drawn = np.array([sampler(**params).draw(logits, u) for u in np.arange(0.005, 1, 0.01)])
    assert (np.diff(drawn) >= 0).all()
    assert np.abs(np.cumsum(ours)[drawn] - np.arange(0.005, 1, 0.01)).max() <= ours.max() + 1e-5


@given(st.integers(0, 2**32 - 1), st.integers(1, 5000), st.booleans())
def test_greedy_is_argmax_and_takes_the_first_of_equals(seed: int, size: int, ties: bool) -> None:
    logits = rows(seed, size)
    if ties:
        logits = np.round(logits / 3)
    assert sampler(temperature=0.0).draw(logits, 0.5) == logits.argmax()
    assert sampler(top_k=1).draw(logits, 0.5) == logits.argmax()
    assert sampler(top_p=0.0).draw(logits, 0.5) == logits.argmax()


def test_odd_logits() -> None:
    greedy, free = sampler(temperature=0.0), sampler(top_k=0)
    nan, inf = np.nan, np.inf
    for made in (greedy, free, sampler(), sampler(top_k=0, top_p=0.5), sampler(min_p=0.1)):
        assert made.draw(row(nan, -inf, nan, 1.0, nan), 0.99) == 3
        assert made.draw(row(LARGEST, inf, nan), 0.99) == 1
        assert made.draw(row(nan, -inf), 0.5) == -1
        assert made.draw(row(-LARGEST), 0.5) == 0
    two = probabilities(free, row(inf, 5.0, inf, -inf))
    assert two.tolist() == [0.5, 0, 0.5, 0]
    assert greedy.draw(row(-0.0, 0.0), 0.0) == 0
    assert sampler([0], repeat_penalty=2.0, top_k=0).draw(row(inf, 1.0), 0.5) == 0


def test_the_penalty_counts_a_token_once_and_forgets_it_after_the_window() -> None:
    logits = row(4.0, 3.0)
    made = sampler([0, 0, 0], temperature=0.0, repeat_penalty=1.3)
    assert made.draw(logits, 0.0) == 0
    assert sampler([0], temperature=0.0, repeat_penalty=1.4).draw(logits, 0.0) == 1
    made = sampler([0], temperature=0.0, repeat_penalty=1.4)
    for _ in range(PENALTY_WINDOW - 1):
        made.accept(7)
    assert made.draw(logits, 0.0) == 1
    made.accept(7)
    assert made.draw(logits, 0.0) == 0


def test_one_sampler_serves_rows_of_any_length() -> None:
    made = sampler(temperature=0.0)
    for size in (5, 5000, 64, 65, 1, 4096):
        assert made.draw(rows(size, size), 0.0) == rows(size, size).argmax()


def test_numbers_are_philox() -> None:
    for seed, number, lane in [(0, 0, 0), (1, 0, 0), (2**64 - 1, 5, 1), (7, 2**64 - 1, 2)]:
        counter = (number + (lane << 64) - 1) % 2**256  # numpy counts first, then computes
        raw = int(np.random.Philox(key=seed, counter=counter).random_raw(1)[0])
        assert uniform(seed, number, lane) == (raw >> 11) * 2.0**-53
    many = np.array([uniform(3, number, 0) for number in range(4000)])
    assert len(set(many)) == 4000
    assert abs(many.mean() - 0.5) < 0.02
    for refused in [(-1, 0, 0), (2**64, 0, 0), (0, -1, 0), (0, 0, 2**64)]:
        with pytest.raises(OverflowError):
            uniform(*refused)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("temperature", (-0.1, 2.1, np.nan, np.inf)),
        ("top_k", (-1, 100_001)),
        ("top_p", (-0.1, 1.1, np.nan)),
        ("min_p", (-0.1, 1.1, np.nan)),
        ("repeat_penalty", (0.0, 0.05, 11.0, np.nan)),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, values: tuple[float, ...]) -> None:
    for value in values:
        with pytest.raises(ValueError, match=name):
            sampler(**{name: value})


def test_other_types_layouts_and_lengths_are_refused() -> None:
    made, logits = sampler(), rows(size=100)
    with pytest.raises(ValueError, match="dtype"):
        made.draw(logits.astype(np.float64), 0.5)
    with pytest.raises(ValueError, match="contiguous"):
        made.draw(logits[::2], 0.5)
    with pytest.raises(ValueError, match="0 logits"):
        made.draw(logits[:0], 0.5)
    with pytest.raises(ValueError, match="mask"):
        made.draw(logits, 0.5, np.ones(99, np.uint8))
    with pytest.raises(TypeError):
        made.draw(None, 0.5)  # type: ignore[arg-type]
    for u in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match="u is"):
            made.draw(logits, u)
    with pytest.raises(ValueError, match="token"):
        made.accept(-1)
    logits.setflags(write=False)
    assert made.draw(logits, 0.5) >= 0


def test_samplers_of_several_threads_do_not_meet() -> None:
    logits = [rows(seed, 50_000, 0.5) for seed in range(4)]

    def draw(index: int) -> list[int]:
        made = sampler(top_k=0, top_p=0.9)
        return [made.draw(logits[index], uniform(index, n, 0)) for n in range(30)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(draw, range(4)))
    assert together == [draw(index) for index in range(4)]
