from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pisovereign.engine.answer_reader import AnswerReader, TextStream
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Delta
from pisovereign.engine.sampling import Logits, Sampler
from pisovereign.engine.vocab import Vocab


def run(data: bytes, cuts: list[int], stops: list[str]) -> tuple[list[str], bool]:
    stream = TextStream(stops)
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    deltas = [stream.push(data[a:b]) for a, b in pairwise(edges)]
    return [*deltas, stream.finish()], stream.stopped


def first_stop(text: str, stops: list[str]) -> str:
    """The text before the stop string that is complete first, by looking at every prefix."""
    for end in range(1, len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return text[: min(starts)]
    return text


any_cuts = st.lists(st.integers(0, 1000), max_size=30)
plain = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(plain, any_cuts)
@example("👩‍👩‍👧 é ñ 中", list(range(40)))
def test_text_survives_any_cut(text: str, cuts: list[int]) -> None:
    deltas, stopped = run(text.encode(), cuts, [])
    assert "".join(deltas) == text
    assert not stopped


@given(
    st.text("abc", max_size=30),
    any_cuts,
    st.lists(st.text("abc", min_size=1, max_size=4), max_size=4),
)
@example("abab", [1, 2, 3], ["bb", "aba"])
def test_stop_strings_never_leak(text: str, cuts: list[int], stops: list[str]) -> None:
    deltas, stopped = run(text.encode(), cuts, stops)
    expected = first_stop(text, stops)
    assert "".join(deltas) == expected
    assert stopped == any(stop in text for stop in stops)


@given(st.binary(max_size=60), any_cuts)
def test_any_bytes_give_text_that_can_be_stored(data: bytes, cuts: list[int]) -> None:
    deltas, _ = run(data, cuts, [])
    text = "".join(deltas)
    assert "\0" not in text
    assert text.encode().decode() == text


def test_nothing_is_held_back_without_need() -> None:
    stream = TextStream(["STOP"])
    assert stream.push(b"hello") == "hello"
    assert stream.push(b" ST") == " "
    assert stream.push(b"AY") == "STAY"


def test_unfinished_character_at_the_end_is_dropped() -> None:
    assert run("ok 👋".encode()[:-1], [], []) == (["ok ", ""], False)


def test_after_a_stop_nothing_comes() -> None:
    stream = TextStream(["X"])
    assert stream.push(b"aX") == "a"
    assert stream.push(b"more") == ""
    assert stream.finish() == ""


END = 0


class Letters:
    """A vocabulary of letters; token 0 ends an answer."""

    def ends_answer(self, token: int) -> bool:
        return token == END

    def piece(self, token: int) -> bytes:
        return bytes([token])


class Dictated:
    """Draws the tokens of a text, each by a row of its own; some of them are forced."""

    def __init__(self, text: bytes, forced: Sequence[bool]) -> None:
        self.rest: list[int] = [*text, END]
        self.is_forced = list(forced) + [False] * (len(text) + 1 - len(forced))
        self.rows: list[int] = []

    def sample(self, logits: Logits) -> int:
        self.rows.append(int(logits[0]))
        self.is_forced.pop(0)
        return self.rest.pop(0)

    def forced(self, most: int) -> list[int]:
        tokens: list[int] = []
        while len(tokens) < most and self.is_forced and self.is_forced[0] and len(self.rest) > 1:
            self.is_forced.pop(0)
            tokens.append(self.rest.pop(0))
        return tokens

    def accept(self, token: int) -> None:
        pass


@given(
    st.binary(min_size=1, max_size=30).map(lambda data: bytes(97 + byte % 3 for byte in data)),
    st.lists(st.booleans(), max_size=30),
    st.lists(st.lists(st.integers(97, 99), max_size=5), max_size=30),
    st.integers(1, 6),
    st.integers(1, 40),
)
def test_guesses_and_forced_tokens_change_nothing(
    text: bytes,
    forced: list[bool],
    guesses: list[list[int]],
    most: int,
    limit: int,
) -> None:
    sampler = Dictated(text, forced)
    generation = Generation(
        cast(Vocab, Letters()),
        cast(Sampler, sampler),
        AnswerReader(["abca"]),
        max_tokens=limit,
    )
    sequence: list[int] = []  # what the model has been fed, as far as it counts
    said, reason = "", None
    while reason is None:
        guess = guesses.pop() if guesses else []
        rows = [np.full(1, len(sequence) + at, np.float32) for at in range(len(guess) + 1)]
        tokens, events, reason, kept, _ = generation.advance(rows, guess, most)
        said += "".join(event.text for event in events if isinstance(event, Delta))
        sequence += [*guess[:kept], *tokens]
        assert len(tokens) <= most
        assert bool(tokens) == (reason is None)
    cut = text[:limit]
    expected = cut.split(b"abca")[0].decode()
    assert said == expected
    stopped = b"abca" in cut
    assert reason == ("length" if len(text) >= limit and not stopped else "stop")
    # Each token was drawn from the logits after the one before it.
    assert sampler.rows == sorted(set(sampler.rows))
    assert bytes(sequence) == text[: len(sequence)]


def dictated(sampler: Dictated) -> Generation:
    vocab = cast(Vocab, Letters())
    return Generation(vocab, cast(Sampler, sampler), AnswerReader(), max_tokens=9)


def test_a_right_guess_takes_no_step_of_its_own() -> None:
    sampler = Dictated(b"abcd", [])
    generation = dictated(sampler)
    rows = [np.full(1, at, np.float32) for at in range(4)]
    outcome = generation.advance(rows, tuple(b"abx"), 1)
    assert (outcome.tokens, outcome.kept) == ((ord("c"),), 2)
    assert outcome.events == (Delta("abc"),)
    assert generation.tokens == 3


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_forced_tokens_are_at_most_as_many_as_fit(most: int) -> None:
    sampler = Dictated(b"abcd", [False, True, True, True])
    generation = dictated(sampler)
    outcome = generation.advance([np.zeros(1, np.float32)], (), most)
    assert bytes(outcome.tokens) == b"abcd"[:most]
    assert outcome.forced == most - 1
