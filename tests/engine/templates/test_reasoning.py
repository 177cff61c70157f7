from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.templates import ReasoningMarks, ReasoningParser, Segment, Special
from pisovereign.engine.templates.reasoning import Thought, begins_inside, detect_reasoning

THINK = ReasoningMarks("<think>", "</think>")
GEMMA = ReasoningMarks("<|channel>thought\n", "<channel|>")
HARMONY = detect_reasoning("<|channel|>analysis<|message|> <|end|>")


def parse(
    pieces: list[Segment], marks: ReasoningMarks = THINK, *, inside: bool = False
) -> tuple[str, str, list[str]]:
    """What was thought, the answer, and the control tokens in it."""
    parser = ReasoningParser(marks, inside=inside)
    made = [event for piece in pieces for event in parser.push(piece)] + parser.finish()
    thought = "".join(e.text for e in made if isinstance(e, Thought))
    answer = "".join(e for e in made if isinstance(e, str))
    return thought, answer, [e.text for e in made if isinstance(e, Special)]


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("Hello", "", "Hello"),
        ("\n Hello", "", "\n Hello"),
        ("<think>\nhm</think>\n\nHello", "\nhm", "Hello"),
        ("\n<think>hm</think>Hello", "hm", "Hello"),
        ("<think></think>Hello", "", "Hello"),
        ("<think>never ends", "never ends", ""),
        ("I say <think>this</think> aloud", "", "I say <think>this</think> aloud"),
        ("<think>a</think><think>b</think>c", "ab", "c"),
        ("<th", "", "<th"),
        ("<think>a</th", "a</th", ""),
        ("", "", ""),
    ],
)
@given(data=st.data())
def test_however_it_is_cut(text: str, thought: str, answer: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))) | {0, len(text)})
    pieces: list[Segment] = [text[a:b] for a, b in pairwise(cuts)]
    assert parse(pieces) == (thought, answer, [])


def test_the_prompt_may_have_opened_the_marks() -> None:
    assert parse(["hm", "</t", "hink>\n\nYes"], inside=True) == ("hm", "Yes", [])


def test_marks_that_are_control_tokens() -> None:
    pieces: list[Segment] = [Special("<|channel>"), "thou", "ght\nhm", Special("<channel|>"), "Yes"]
    assert parse([*pieces, Special("<|tool_call>")], GEMMA) == ("hm", "Yes", ["<|tool_call>"])
    assert parse([Special("<|tool_call>"), "x"], GEMMA) == ("", "x", ["<|tool_call>"])


def test_headings_are_neither() -> None:
    assert HARMONY is not None
    channel, message = Special("<|channel|>"), Special("<|message|>")
    thinking: list[Segment] = [channel, "analysis", message, "hm", Special("<|end|>")]
    answer: list[Segment] = [Special("<|start|>"), "assistant", channel, "final", message, "Yes"]
    assert parse(thinking + answer, HARMONY) == ("hm", "Yes", [])
    assert parse([channel, "final", message, "Yes"], HARMONY) == ("", "Yes", [])


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        ("{{ '<think>' }} {{ '</think>' }}", THINK),
        ("content.split('</think>')", THINK),
        ("'<|channel>thought\\n<channel|>'", GEMMA),
        ("{{ messages }}", None),
    ],
)
def test_the_marks_are_found_in_the_template(source: str, marks: ReasoningMarks | None) -> None:
    assert detect_reasoning(source) == marks


def test_whether_a_prompt_ends_inside() -> None:
    assert begins_inside(THINK, [Special("<|im_start|>"), "assistant\n", Special("<think>"), "\n"])
    assert begins_inside(THINK, ["assistant\n<think>\n"])
    assert not begins_inside(THINK, ["assistant\n<think>\n\n</think>\n\n"])
    assert not begins_inside(THINK, ["assistant\n"])
