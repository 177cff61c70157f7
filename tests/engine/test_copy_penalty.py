"""How an answer is kept from beginning as an earlier one, and what it may have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.copy_penalty import CopyPenalty, beginning
from pisovereign.engine.sampling import Sampler, SamplingParams

EARLIER = [5, 6, 7, 8, 9]
SIZE = 16


def likely(token: int, ahead: float = 3.5) -> np.ndarray:
    """Logits of which one token's is ahead of all others."""
    logits = np.zeros(SIZE, np.float32)
    logits[token] = ahead
    return logits


def greedy(copies: CopyPenalty, wanted: list[int]) -> list[int]:
    """What is drawn where the model wants the same as before."""
    sampler = Sampler(SamplingParams(temperature=0.0), copies=copies)
    drawn = []
    for token in wanted:
        drawn.append(sampler.sample(likely(token)))
        sampler.accept(drawn[-1])
    return drawn


def test_a_copy_parts_from_what_was_said_before_its_end() -> None:
    drawn = greedy(CopyPenalty([EARLIER]), EARLIER)
    assert drawn[:3] == EARLIER[:3]
    assert drawn[3:] != EARLIER[3:]


def test_what_begins_otherwise_is_not_touched() -> None:
    copies = CopyPenalty([EARLIER])
    logits = likely(5)
    assert copies.applied(logits) is logits
    copies.accept(4)
    for token in EARLIER:
        logits = likely(token)
        assert copies.applied(logits) is logits
        copies.accept(token)


def test_logits_are_not_changed_in_place() -> None:
    copies = CopyPenalty([EARLIER])
    copies.accept(5)
    logits = likely(6)
    assert copies.applied(logits)[6] < logits[6] == 3.5


def test_what_comes_late_is_let_alone() -> None:
    """By then it depends on what was said: the same question may have the same answer."""
    said = list(range(1, 12))
    copies = CopyPenalty([said])
    for token in said[:5]:
        copies.accept(token)
    for token in said[5:]:
        logits = likely(token)
        assert copies.applied(logits) is logits
        copies.accept(token)


def test_each_of_several_earlier_answers_counts() -> None:
    others = [[5, 6, 1, 2, 3], [4, 6, 7, 8, 9]]
    assert greedy(CopyPenalty([EARLIER, *others]), EARLIER)[3:] != EARLIER[3:]
    assert greedy(CopyPenalty(others), EARLIER) == EARLIER


def test_a_certain_answer_may_be_given_again() -> None:
    """What the model is sure of costs more to avoid than what it merely prefers."""
    copies = CopyPenalty([EARLIER])
    sampler = Sampler(SamplingParams(temperature=0.0), copies=copies)
    for token in EARLIER:
        assert sampler.sample(likely(token, ahead=20.0)) == token
        sampler.accept(token)


@given(st.lists(st.lists(st.integers(0, SIZE - 1), max_size=6), max_size=12), st.data())
def test_only_what_goes_on_as_before_gets_less_likely(
    earlier: list[list[int]], data: st.DataObject
) -> None:
    copies, written = CopyPenalty(earlier), list[int]()
    for _ in range(6):
        logits = np.zeros(SIZE, np.float32)
        lowered = np.flatnonzero(copies.applied(logits))
        assert (copies.applied(logits) <= 0).all()
        at = len(written)
        assert set(lowered) <= {
            tokens[at] for tokens in earlier if len(tokens) > at and tokens[:at] == written
        }
        written.append(data.draw(st.integers(0, SIZE - 1)))
        copies.accept(written[-1])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("You're welcome!", ""),
        ("Paris.", ""),
        ("Cats purr to calm themselves. They do it often.", "Cats purr to calm themselves."),
        ("Yes. Cats purr to calm themselves. Often.", "Yes. Cats purr to calm themselves."),
        ("  A title of some length here\n\nAnd more.", "A title of some length here"),
        ("word " * 100, ("word " * 40).rstrip()),
    ],
)
def test_how_much_of_an_answer_is_compared(answer: str, expected: str) -> None:
    assert beginning(answer) == expected
