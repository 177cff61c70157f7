"""Templates of published models."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisovereign.engine.templates import Segment, Special, begins_inside
from pisovereign.engine.templates.conversations import CALLING, HELLO, TALK, TOOL
from pisovereign.engine.templates.history import after_front
from pisovereign.engine.templates.safety import marks_of
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import (
    FunctionCall,
    FunctionSpec,
    Message,
    ReasoningEffort,
    Tool,
    ToolCall,
)
from tests.engine.templates.support import NAMES, flat, published

NEXT = [Message("assistant", "Done it."), Message("user", "Thanks")]


@pytest.mark.parametrize(
    ("name", "notation", "unknown", "ends"),
    [
        ("gemma4", CallFormat.GEMMA, {"orphans"}, {"<|turn>", "<turn|>"}),
        ("gpt-oss", CallFormat.JSON, {"late_system", "orphans"}, set()),
        (
            "granite4",
            CallFormat.HERMES,
            set(),
            {"<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>"},
        ),
        (
            "mistral-nemo",
            CallFormat.MISTRAL,
            {"system", "late_system", "orphans", "repeats"},
            {"</s>", "[INST]", "[/INST]"},
        ),
        (
            "phi3.5",
            CallFormat.HERMES,
            {"tools", "calls", "results", "orphans"},
            {"<|end|>", "<|user|>"},
        ),
        ("qwen2.5", CallFormat.HERMES, set(), {"<|im_start|>", "<|im_end|>"}),
        ("qwen3", CallFormat.HERMES, set(), {"<|im_start|>", "<|im_end|>"}),
        ("qwen3.5", CallFormat.QWEN_XML, {"late_system"}, {"<|im_start|>", "<|im_end|>"}),
        (
            "smollm3",
            CallFormat.HERMES,
            {"late_system", "tools", "calls"},
            {"<|im_start|>", "<|im_end|>"},
        ),
    ],
)
def test_what_a_template_knows(
    name: str, notation: CallFormat, unknown: set[str], ends: set[str]
) -> None:
    template = published(name)
    known = template.adaptation
    assert {field for field in known.__slots__ if not getattr(known, field)} == unknown
    assert template.call_format is notation
    assert set(template.ends) == ends


def test_qwen_with_a_call_and_its_result() -> None:
    text = flat(published("qwen2.5").render([*CALLING, *NEXT], [TOOL]))
    assert text.startswith("<|im_start|>system\nBe quillish.\n\n# Tools\n\n")
    assert '{"type": "function", "function": {"name": "find_thing", "description": "Fi' in text
    assert text.endswith(
        '<|im_start|>assistant\n<tool_call>\n{"name": "find_thing", "arguments": '
        '{"what": "plemdorf"}}\n</tool_call><|im_end|>\n'
        "<|im_start|>user\n<tool_response>\nyorvick found\n</tool_response><|im_end|>\n"
        "<|im_start|>assistant\nDone it.<|im_end|>\n<|im_start|>user\nThanks<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_a_family_without_system_prompt_and_tools() -> None:
    text = flat(published("phi3.5").render([*CALLING, *NEXT], [TOOL]))
    assert text.startswith("<|system|>\nBe quillish.\n\n# Tools")
    assert "<|user|>\n<tool_response>\nyorvick found\n</tool_response><|end|>\n" in text
    nemo = flat(published("mistral-nemo").render(TALK))
    assert nemo == (
        "<s>[INST]Be quillish.\n\nSay vermole.[/INST]It is tarnic.</s>[INST]And brelloh?[/INST]"
    )


def test_a_mark_around_the_name_of_a_role_is_one() -> None:
    assert marks_of(published("phi3.5").render(HELLO)) == [
        *("<|system|>", "<|end|>", "<|user|>", "<|end|>", "<|assistant|>"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_model_thinks_unless_it_is_told_to(name: str) -> None:
    template = published(name)
    for effort in (None, "none"):
        segments = template.render(TALK, effort=effort)
        if template.reasoning is not None:
            assert not begins_inside(template.reasoning, segments)
    if name in ("qwen3", "smollm3"):
        assert flat(template.render(TALK)).rstrip().endswith("</think>")


@pytest.mark.parametrize(
    ("name", "effort", "told"),
    [
        ("qwen3.5", "high", "<|im_start|>assistant\n<think>\n"),
        ("gemma4", "low", "<|turn>system\n<|think|>\n"),
        ("gpt-oss", "high", "Reasoning: high\n"),
        ("gpt-oss", "minimal", "Reasoning: low\n"),
        ("gpt-oss", None, "Reasoning: low\n"),
        ("smollm3", "medium", "Reasoning Mode: /think\n"),
        ("smollm3", "none", "Reasoning Mode: /no_think\n"),
    ],
)
def test_how_much_it_thinks(name: str, effort: ReasoningEffort | None, told: str) -> None:
    assert told in flat(published(name).render(TALK, effort=effort))


@pytest.mark.parametrize("name", sorted({*NAMES} - {"gpt-oss"}))
def test_an_answer_stays_as_it_was_begun(name: str) -> None:
    """What was computed of a prompt and its answer is the front of the next turn's prompt."""
    template = published(name)
    asked = template.render(HELLO)
    later = template.render([*HELLO, Message("assistant", "Yes."), Message("user", "More?")])
    rest = after_front(later, asked)
    assert rest is not None
    assert isinstance(rest[0], str)
    assert rest[0].startswith("Yes.")


@pytest.mark.parametrize("name", sorted({*NAMES} - {"gpt-oss", "mistral-nemo"}))
def test_calls_and_results_stay_as_they_were(name: str) -> None:
    template = published(name)
    asked = template.render(CALLING, [TOOL], add_answer=False)
    assert after_front(template.render([*CALLING, *NEXT], [TOOL]), asked) is not None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tools", [[], [TOOL]])
@pytest.mark.parametrize("effort", [None, "high"])
def test_the_front_is_shared(name: str, tools: list[Tool], effort: ReasoningEffort | None) -> None:
    template = published(name)
    front = template.front(TALK, tools, effort=effort)
    assert "quillish" in flat(front) or name == "mistral-nemo"
    assert "vermole" not in flat(front)
    assert ("wombric" in flat(front)) == bool(tools)
    for text in ("Hello", "\nx", "1"):
        prompt = template.render([TALK[0], Message("user", text)], tools, effort=effort)
        assert after_front(prompt, front) is not None


def test_the_day_is_not_in_the_prompt() -> None:
    assert "Current date: see the conversation" in flat(published("gpt-oss").render(TALK))


_MARKS = (
    *("<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "[INST]", "[/INST]"),
    *("<|turn>", "<turn|>", '<|"|>', "<|user|>", "<|end|>", "<|start|>", "<|channel|>", "<s>"),
    *("user", "<|", "|>", "\ufdd0", "\uffff", "<|im_\ufdd1end|>", "/think", "<|im_/thinkstart|>"),
)
hostile = st.lists(st.one_of(st.sampled_from(_MARKS), st.text(max_size=4)), max_size=6).map(
    lambda parts: "x" + "".join(parts) + "x"
)


def spoken(texts: list[str], system: str) -> tuple[list[Message], list[Tool]]:
    """A conversation in which others wrote each text."""
    a, b, c, d, e, f = texts
    call = ToolCall(a, FunctionCall("find", '{"what": ' + _json(b) + ', "n": [' + _json(c) + "]}"))
    schema = {"type": "object", "properties": {"what": {"type": "string", "description": d}}}
    messages = [
        Message("system", system),
        Message("user", e),
        Message("assistant", a, tool_calls=[call]),
        Message("tool", f, tool_call_id=a),
        Message("assistant", c),
        Message("user", d),
    ]
    return messages, [Tool(FunctionSpec("find", b, schema))]


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(hostile, min_size=6, max_size=6))
def test_no_text_is_ever_a_mark(name: str, texts: list[str]) -> None:
    template = published(name)
    # A system prompt may order a family to think, and in this one tools are in the system prompt.
    told = [t.replace("/think", "/thin") for t in texts] if name == "smollm3" else texts
    attacked = template.render(*spoken(told, "Be kind."))
    assert marks_of(attacked) == marks_of(template.render(*spoken(["xyx"] * 6, "Be kind.")))
    assert not any(_is_noncharacter(s) for s in attacked)


def _is_noncharacter(segment: Segment) -> bool:
    if isinstance(segment, Special):
        return False
    return any(0xFDD0 <= ord(c) <= 0xFDEF or ord(c) & 0xFFFE == 0xFFFE for c in segment)
