from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.search_index.terms import Stemmer, TermHasher

KEY = bytes(range(32))
USER = UUID(int=1)
HASHER = TermHasher(KEY, Stemmer())


def shared(one: str, two: str) -> set[int]:
    return set(HASHER.terms(USER, one).hashes) & set(HASHER.terms(USER, two).hashes)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Allergy", "allergies"),
        ("Straße", "STRASSE"),
        ("Termin", "Termine"),
        ("Zahnarzttermin", "Zahnarzt"),
        ("Ersatzschlüssel", "Schlüssel"),
        ("re\u0301sume\u0301", "résumé"),
        ("O’Brien", "O'Brien"),
        ("ﬁsh", "fish"),
        ("4711", "4711"),
    ],
)
def test_forms_of_a_word_meet(one: str, two: str) -> None:
    assert shared(one, two)


@pytest.mark.parametrize(("one", "two"), [("dog", "cat"), ("4711", "4712"), ("Haus", "Maus")])
def test_other_words_do_not(one: str, two: str) -> None:
    assert not shared(one, two)


def test_stop_words_are_no_terms_but_negations_are() -> None:
    assert HASHER.terms(USER, "Where is the one that I had? Wie ist das?").length < 3
    assert HASHER.terms(USER, "not kein").length >= 2


def test_hashes_depend_on_user_and_key() -> None:
    mine = HASHER.terms(USER, "secret").hashes
    assert mine == HASHER.terms(USER, "secret").hashes
    assert not set(mine) & set(HASHER.terms(uuid4(), "secret").hashes)
    assert not set(mine) & set(TermHasher(bytes(32), Stemmer()).terms(USER, "secret").hashes)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_has_terms_that_fit_the_database(texts: list[str]) -> None:
    terms = HASHER.terms(USER, *texts)
    assert len(terms.hashes) == len(set(terms.hashes)) == len(terms.counts)
    assert all(-(1 << 63) <= number < 1 << 63 for number in terms.hashes)
    assert all(0 < count < 1 << 15 for count in terms.counts)
    assert terms.length == sum(terms.counts)


def test_a_word_that_is_repeated_very_often_is_counted_up_to_the_columns_limit() -> None:
    assert max(HASHER.terms(USER, "ho " * 40_000).counts) == (1 << 15) - 1


def test_stored_terms_stay_what_they_are() -> None:
    """Other stems or hashes after an upgrade would hide every memory that is stored already."""
    words = Stemmer().sequence("Allergien running Straße generously", without=frozenset())
    assert [word.stems for word in words] == [
        ("allergien", "allergi"),
        ("run", "running"),
        ("strass",),
        ("generous", "generously"),
    ]
    assert HASHER.terms(USER, "Straße").hashes.tolist() == [
        -370100132293977356,
        4592883540780718131,
        6009775088191935947,
    ]
