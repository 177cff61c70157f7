from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from pisovereign.engine.generation import TextStream


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
