"""From what the model writes to calls, however the text is cut."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.openai.answering import CallArguments, CallDetector, CallName, CallReader

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def cut(text: str, places: Sequence[int]) -> list[str]:
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


@given(
    st.dictionaries(st.text(), JSON, max_size=4),
    st.lists(st.integers(0, 1000), max_size=20),
    st.sampled_from([None, 2]),
    st.sampled_from(["", " ", "\n"]),
)
def test_a_call_is_read_however_it_is_cut(
    arguments: dict[str, Any], places: list[int], indent: int | None, space: str
) -> None:
    call = {"name": "get_weather", "arguments": arguments}
    reader = CallReader()
    read = [
        event
        for piece in cut(space + json.dumps(call, indent=indent) + space, places)
        for event in reader.feed(piece)
    ]
    read += reader.finish()
    assert read[0] == CallName("get_weather")
    assert all(isinstance(event, CallArguments) and event.text for event in read[1:])
    text = "".join(event.text for event in read[1:])
    assert text == text.strip()
    assert json.loads(text) == arguments


@given(st.text(), st.lists(st.integers(0, 1000), max_size=20))
def test_text_that_is_no_call_comes_whole(text: str, places: list[int]) -> None:
    detector = CallDetector()
    shown = [detector.feed(piece) for piece in cut(text, places)]
    if None in shown:
        assert text.lstrip().startswith(("<tool_call>", '{"name"', '{ "name"'))
    else:
        assert "".join(piece for piece in shown if piece) + detector.finish() == text


def test_the_beginning_of_a_call_is_never_shown() -> None:
    for text in ("<tool_call>", '\n{"name"'):
        detector = CallDetector()
        assert [detector.feed(letter) for letter in text] == [""] * (len(text) - 1) + [None]


def test_almost_a_call_is_text() -> None:
    detector = CallDetector()
    assert detector.feed("<tool") == ""
    assert detector.feed("s> are useful") == "<tools> are useful"
    assert detector.feed("<tool_call>") == "<tool_call>"
