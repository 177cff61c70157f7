from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.languages import LANGUAGES
from pisovereign.languages.detection import language_of
from pisovereign.languages.letters import likely_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Szabo bought concert tickets", "en"),
        ("Yesterday's weather: cloudy, windy", "en"),
        ("Frieda spielt Schlagzeug", "de"),
        ("Zahnarzttermin Schmitt", "de"),
        ("Juliette déteste voyager", "fr"),
        ("Anniversaire Claire vendredi", "fr"),
    ],
)
def test_letters_tell_the_language_of_what_has_no_stop_word(text: str, language: str) -> None:
    assert likely_language(text) == language


@pytest.mark.parametrize("text", ["", "4711", "?!", "🦔", "x"])
def test_what_has_no_language_has_none(text: str) -> None:
    assert likely_language(text) is None


@given(st.text(max_size=200))
def test_stop_words_come_first(text: str) -> None:
    by_words = language_of(text)
    assert likely_language(text) in ((by_words,) if by_words else (*LANGUAGES, None))
