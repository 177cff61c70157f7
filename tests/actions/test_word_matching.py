"""Which of several titles somebody means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.actions.word_matching import matching
from pisovereign.languages.words import one_edit_apart

TITLES = ["Put the bins out", "Mülltonne rausstellen", "Call the dentist", "Zahnarzt anrufen"]


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ("bin", ["Put the bins out"]),
        ("calling the dentist", ["Call the dentist"]),
        ("dentsit", ["Call the dentist"]),
        ("dentis", ["Call the dentist"]),
        ("die Mülltonnen", ["Mülltonne rausstellen"]),
        ("Müll", ["Mülltonne rausstellen"]),
        ("ZAHNARZT", ["Zahnarzt anrufen"]),
        ("it", TITLES),
        ("holiday", []),
        # Of what fits one word in two, what fits both is meant.
        ("call dentist tomorrow", ["Call the dentist"]),
    ],
)
def test_words_find_what_is_meant(about: str, found: list[str]) -> None:
    assert matching(about, TITLES, str) == found


def test_what_fits_equally_well_is_all_found() -> None:
    titles = ["Water the roses", "Water the lawn", "Buy roses"]
    assert matching("water", titles, str) == titles[:2]
    assert matching("water roses", titles, str) == titles[:1]


def test_short_words_are_not_mistaken_for_each_other() -> None:
    assert matching("tea", ["Team"], str) == []
    assert matching("wash", ["Cash"], str) == []


words = st.text("abcd", max_size=6)


@given(words, words)
def test_one_edit_is_what_a_search_of_all_edits_finds(one: str, other: str) -> None:
    edits = {one}
    for i in range(len(one) + 1):
        edits |= {one[:i] + letter + one[i:] for letter in "abcd"}
        edits |= {one[:i] + letter + one[i + 1 :] for letter in "abcd" if i < len(one)}
        edits.add(one[:i] + one[i + 1 :])
        edits.add(one[:i] + one[i + 1 : i + 2] + one[i : i + 1] + one[i + 2 :])
    assert one_edit_apart(one, other) == (other in edits)
