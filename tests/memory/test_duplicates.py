from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.duplicates import covers
from pisovereign.search_index.terms import Stemmer

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
def test_more_may_be_said(longer: str, shorter: str) -> None:
    assert covers(longer, shorter, STEMMER)


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("The PIN is 4712", "The PIN is 4711"),
        ("Meeting on Thursday", "Meeting on Tuesday"),
        ("Anna owes Ben 20 euros", "Ben owes Anna 20 euros"),
        ("I owe Peter 20 euros", "Peter owes me 20 euros"),
        ("I live in Berlin", "I live in Berlin, Germany"),
        ("I used to live in Berlin", "I live in Berlin"),
        ("The user wants to buy a boat", "The user buys a boat"),
        ("She almost missed the train", "She missed the train"),
        ("Ich habe früher in Bonn gewohnt", "Ich habe in Bonn gewohnt"),
        ("The user has a dog allergy", "The user has a dog"),
        ("I gave the book to Anna's brother", "I gave the book to Anna"),
        ("The party is on Friday, if it is dry", "The party is on Friday"),
        ("It is -5 degrees", "It is 5 degrees"),
        ("The user programs in C++", "The user programs in C"),
        ("Rated ★★★", "Rated ★"),
        ("x > 3", "x < 3"),
        ("🚀", "🦔"),
        ("the", "?!"),
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


@pytest.mark.parametrize("denial", ["only", "except", "until", "unless", "maybe", "außer", "falls"])
def test_a_limit_says_something_else(denial: str) -> None:
    assert not covers(f"They like dogs, {denial} small ones", "They like dogs", STEMMER)


@given(WORDS)
def test_a_text_covers_itself(words: list[str]) -> None:
    assert covers(" ".join(words), " ".join(words), STEMMER)


@given(WORDS, WORDS)
def test_what_goes_on_covers_what_it_begins_with(words: list[str], more: list[str]) -> None:
    text = " ".join(["they", *words])
    assert covers(f"{text}, {' '.join(more)}", text, STEMMER)


@given(WORDS, WORDS)
def test_two_that_cover_each_other_are_equal(one: list[str], two: list[str]) -> None:
    first, second = " ".join(one), " ".join(two)
    if covers(first, second, STEMMER) and covers(second, first, STEMMER):
        assert len(one) == len(two)
