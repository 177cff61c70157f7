"""Which language a text is in."""

from __future__ import annotations

import pytest

from pisovereign.memory.language import is_english


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("When was the heating maintained?", True),
        ("Wann wurde die Heizung gewartet?", False),
        ("Tell me what a Fahrrad is", True),
        ("Was heißt the auf Deutsch, und wie spricht man das aus?", False),
        ("Minka", False),
        ("", False),
    ],
)
def test_languages(text: str, english: bool) -> None:
    assert is_english(text) == english
