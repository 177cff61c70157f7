from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.duplicates import covers
from pisovereign.memory.terms import Stemmer

STEMMER = Stemmer()
NAMES = ["anna", "ben", "lends", "twenty", "euros", "to", "me", "blue", "dogs"]
WORDS = st.lists(st.sampled_from(NAMES), max_size=8)


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("I live in Berlin, Germany", "I live in Berlin"),
        ("The user prefers dark mode.", "user PREFERS dark mode"),
        ("Der Hund heißt Bello", "Hund heißt Bello"),
        ("Mein Hund mag Spaziergänge im Wald", "Mein Hund mag Spaziergänge"),
        ("She owns two dogs and a cat", "She owns two dogs"),
    ],
)
def test_words_may_be_added(longer: str, shorter: str) -> None:
    assert covers(longer, shorter, STEMMER)


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("The PIN is 4712", "The PIN is 4711"),
        ("Meeting on Thursday", "Meeting on Tuesday"),
        ("Anna owes Ben 20 euros", "Ben owes Anna 20 euros"),
        ("I owe Peter 20 euros", "Peter owes me 20 euros"),
        ("I live in Berlin", "I live in Berlin, Germany"),
    ],
)
def test_nothing_may_be_missing_or_moved(longer: str, shorter: str) -> None:
    assert not covers(longer, shorter, STEMMER)


@pytest.mark.parametrize(
    "negation",
    [
        "not",
        "never",
        "no",
        "don't",
        "doesn’t",
        "cannot",
        "nicht",
        "kein",
        "keine",
        "nie",
        "niemals",
    ],
)
def test_a_denial_says_something_else(negation: str) -> None:
    assert not covers(f"They {negation} like dogs", "They like dogs", STEMMER)


@given(WORDS)
def test_a_text_covers_itself(words: list[str]) -> None:
    assert covers(" ".join(words), " ".join(words), STEMMER)


@given(WORDS, WORDS, st.integers(0, 8))
def test_what_has_more_words_covers_what_has_less(
    words: list[str], more: list[str], at: int
) -> None:
    assert covers(" ".join(words[:at] + more + words[at:]), " ".join(words), STEMMER)


@given(WORDS, WORDS)
def test_two_that_cover_each_other_are_equal(one: list[str], two: list[str]) -> None:
    first, second = " ".join(one), " ".join(two)
    if covers(first, second, STEMMER) and covers(second, first, STEMMER):
        assert len(one) == len(two)
