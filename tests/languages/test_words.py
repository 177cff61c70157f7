"""The words of texts."""

from __future__ import annotations

from pisovereign.languages.words import split_words


def test_words_of_a_text() -> None:
    assert split_words("It's 7:42, O'Brien – Zoë's Straße!") == [
        "it's",
        "7",
        "42",
        "o'brien",
        "zoë's",
        "strasse",
    ]
