"""Texts are read aloud without the marks of Markdown, and with all their words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.connectors.speech.spoken_text import spoken_text


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**Six** times _seven_ is `42`.", "Six times seven is 42."),
        ("# Title\n\n- one\n- two\n", "Title\n\none\ntwo"),
        ("See [the page](https://x.example/a_b).", "See the page."),
        ("```sh\ndf -h\n```", "df -h"),
        ("> quoted\n\n---\n\nafter", "quoted\n\nafter"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("6 - 4 = 2", "6 - 4 = 2"),
    ],
)
def test_marks_are_not_read(text: str, spoken: str) -> None:
    assert spoken_text(text) == spoken


@given(st.lists(st.text("abcdef", min_size=1, max_size=8), max_size=30))
def test_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(f"**{word}**" if i % 3 else word for i, word in enumerate(words))
    assert re.findall(r"\w+", spoken_text(text)) == words
