"""Thoughts, calls and text of one answer, in whatever tokens they come."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.repetition import RepetitionGuard
from pisovereign.engine.templates.reasoning import ReasoningMarks, ReasoningParser
from pisovereign.engine.tool_calls.answer_parser import AnswerParser
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.answer_events import (
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    Reasoning,
)
from tests.engine.tool_calls.support import cuts, grammar_of
from tests.engine.tool_calls.writing import hermes

TRIGGERS = grammar_of(CallFormat.HERMES).triggers
CALL = hermes([("get_weather", {"city": "Zoë's"})])
PLACES = st.lists(st.integers(0, 1000), max_size=60)


def read(pieces: list[bytes], reader: AnswerReader) -> list[AnswerPiece]:
    events: list[AnswerPiece] = []
    for piece in pieces:
        events += reader.push(piece)
        if reader.ended:
            break
    return events + reader.finish()


def joined(events: list[AnswerPiece], kind: type[Delta | Reasoning | CallArguments]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def in_bytes(text: str, places: list[int]) -> list[bytes]:
    """The text's bytes, cut anywhere, also within characters."""
    letters = text.encode().decode("latin-1")
    return [piece.encode("latin-1") for piece in cuts(letters, places)]


@given(PLACES, st.booleans())
def test_thoughts_text_and_calls(places: list[int], begun: bool) -> None:
    text = f"{'' if begun else '<think>'}\nI could <tool_call> it.\n</think>\n\nI will.\n\n{CALL}"
    thoughts = ReasoningParser(ReasoningMarks("<think>", "</think>"), inside=begun)
    reader = AnswerReader((), RepetitionGuard(), AnswerParser(TRIGGERS), thoughts)
    events = read(in_bytes(text, places), reader)
    assert joined(events, Reasoning).strip() == "I could <tool_call> it."
    assert joined(events, Delta) == "I will."
    assert joined(events, CallArguments) == '{"city": "Zoë\'s"}'
    kinds = [type(event) for event in events]
    assert kinds.index(Reasoning) < kinds.index(Delta) < kinds.index(CallStarted)
    assert reader.reason("stop") == "tool_calls"
    assert reader.reason("length") == "length"


@given(PLACES)
def test_stop_strings_are_looked_for_in_text_only(places: list[int]) -> None:
    reader = AnswerReader(["city", "{"], None, AnswerParser(TRIGGERS))
    events = read(in_bytes(f"Well.\n{CALL}", places), reader)
    assert not reader.ended
    assert joined(events, CallArguments) == '{"city": "Zoë\'s"}'
    reader = AnswerReader(["Well"], None, AnswerParser(TRIGGERS))
    events = read(in_bytes(f"So. Well.\n{CALL}", places), reader)
    assert reader.ended
    assert joined(events, Delta) == "So. "
    assert reader.reason("stop") == "stop"


def test_a_call_may_repeat_itself() -> None:
    title = "again and again, " * 60
    call = hermes([("add_todo", {"title": title, "tags": []})])
    reader = AnswerReader((), RepetitionGuard(), AnswerParser(TRIGGERS))
    events = read([piece.encode() for piece in call.split(" ")], reader)
    assert not reader.ended
    assert reader.reason("stop") == "tool_calls"
    assert isinstance(events[0], CallStarted)


def test_text_that_repeats_itself_still_ends() -> None:
    reader = AnswerReader((), RepetitionGuard(), AnswerParser(TRIGGERS))
    words = ["I", " like", " to", " say", " this", " again", " and", " again", "."]
    events = read([word.encode() for word in words * 40], reader)
    assert reader.ended
    assert joined(events, Delta).count("like") < 10


@given(PLACES)
def test_an_answer_ends_with_the_same_call_again(places: list[int]) -> None:
    reader = AnswerReader((), None, AnswerParser(TRIGGERS))
    events = read(in_bytes(f"{CALL}\n{CALL}\n{CALL}", places), reader)
    assert reader.ended
    assert [event.index for event in events if isinstance(event, CallStarted)] == [0]
    assert reader.reason("stop") == "tool_calls"


def test_a_call_that_is_too_deep_ends_the_answer_as_if_cut_off() -> None:
    reader = AnswerReader(parser=AnswerParser(TRIGGERS))
    deep = '<tool_call>{"name": "now", "arguments": {"a": ' + "[" * 100
    events = read([bytes([byte]) for byte in deep.encode()], reader)
    assert reader.ended
    assert reader.reason("stop") == "length"
    assert joined(events, CallArguments).count("[") < 100


def test_an_answer_that_repeats_itself_is_cut() -> None:
    reader = AnswerReader((), RepetitionGuard())
    sentence = "It is what it is, and that is what it will always be for me. "
    read([word.encode() for word in re.findall(r"\w+\W*", sentence) * 12], reader)
    assert reader.ended
    assert reader.reason("stop") == "length"
