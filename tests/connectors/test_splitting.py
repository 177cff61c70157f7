from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.connectors.splitting import LONGEST, size, split

characters = st.sampled_from("ab .!?\n\t…»\"') 😀ä") | st.characters(codec="utf-8")
texts = st.text(characters, max_size=300)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(texts, st.integers(2, 60))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, longest: int) -> None:
    parts = split(text, longest)
    assert all(0 < size(part) <= longest for part in parts)
    assert all(part == part.strip() for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)


@given(texts)
def test_what_fits_is_one_message_as_it_is(text: str) -> None:
    assert split(text) == ([text.strip()] if text.strip() else [])


def test_cuts_fall_between_sentences() -> None:
    sentences = [f"This is sentence number {n}, which has some words." for n in range(200)]
    parts = split(" ".join(sentences))
    assert len(parts) == 3
    assert all(part.endswith("words.") for part in parts)
    assert " ".join(parts) == " ".join(sentences)


def test_better_places_win() -> None:
    assert split("one two. three\n\nfour five. six", 20) == ["one two. three", "four five. six"]
    assert split("one two. three\nfour five. six", 20) == ["one two. three", "four five. six"]
    assert split("One two three. Four five six", 20) == ["One two three.", "Four five six"]
    assert split('He said "Stop." Then he left', 20) == ['He said "Stop."', "Then he left"]
    assert split("onetwothreefourfivesix", 10) == ["onetwothre", "efourfives", "ix"]
    # A place that would waste more than half of a message is none.
    assert split("A. bcdefghijklmnop qrstuvw", 20) == ["A. bcdefghijklmnop", "qrstuvw"]


def test_emoji_count_twice() -> None:
    parts = split("😀" * LONGEST)
    assert [len(part) for part in parts] == [LONGEST // 2, LONGEST // 2]
