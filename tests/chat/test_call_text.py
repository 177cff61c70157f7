"""Calls that are written as text are not shown."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.chat.call_text import CallTextFilter

CALL = '{"name": "weather", "arguments": {"location": "Berlin", "day": "2026-11-27"}}'
TEXTS = (
    "The sky is blue.",
    "```python\nprint({'name': 1})\n```\nThat is all.",
    '{"people": 3}',
    "[1] That is a note.",
    "",
    " <b>Sunny</b>",
)


def shown(text: str, cuts: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    answer = CallTextFilter()
    return [*(answer.feed(text[start:end]) for start, end in pairwise(edges)), answer.finish()]


any_cuts = st.lists(st.integers(0, 1000), max_size=40)


@given(st.sampled_from(TEXTS), any_cuts)
def test_anything_else_comes_whole(text: str, cuts: list[int]) -> None:
    assert "".join(shown(text, cuts)) == text


@pytest.mark.parametrize(
    "form", ["{}", "\n{}\n", "```json\n{}\n```", "[{}]", "<tool_call>\n{}\n</tool_call>", "{{{}}}"]
)
@given(cuts=any_cuts)
def test_a_call_is_not_shown(form: str, cuts: list[int]) -> None:
    assert "".join(shown(form.format(CALL), cuts)) == ""


def test_words_are_shown_at_once() -> None:
    assert CallTextFilter().feed("The") == "The"
    assert CallTextFilter().feed("```python\nprint") == "```python\nprint"
