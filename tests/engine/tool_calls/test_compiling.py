from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.llama import Model
from pisovereign.engine.schemas.reading import read_schema
from pisovereign.engine.schemas.rules import MOST_SIZE
from pisovereign.engine.schemas.shapes import Members
from pisovereign.engine.templates import Segment, Special
from pisovereign.engine.tool_calls.brace_calls import BraceCalls
from pisovereign.engine.tool_calls.compiling import (
    Thoughts,
    compile_calls,
    read_functions,
    syntax_of,
)
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine.tool_calls.python_calls import PythonCalls
from pisovereign.engine.tool_calls.tagged_calls import kinds_of
from pisovereign.engine_client.types import ChosenFunction, FunctionSpec, NamedToolChoice, Tool
from tests.engine.schemas.support import accepts
from tests.engine.tool_calls.support import TOOLS, calls_of, grammar_of
from tests.engine.tool_calls.writing import SINGLE, WRITERS, Call, gemma, hermes, lfm

NOW: Call = ("now", {})


@pytest.mark.parametrize("call_format", CallFormat)
@settings(max_examples=15)
@given(st.data())
def test_what_models_write_is_in_the_grammar(
    model: Model, call_format: CallFormat, data: Any
) -> None:
    written = WRITERS[call_format](data.draw(calls_of(call_format)))
    grammar = grammar_of(call_format)
    assert accepts(model.vocab, grammar.text, [written])
    assert accepts(model.vocab, grammar_of(call_format, forced=True).text, [written])
    if call_format not in SINGLE:
        assert accepts(model.vocab, grammar.text, [f"Let me see.\n\n{written}"])


@pytest.mark.parametrize("call_format", CallFormat)
def test_what_is_no_call_is_refused_once_it_has_begun(
    model: Model, call_format: CallFormat
) -> None:
    grammar = grammar_of(call_format)
    calls: list[Call] = [
        ("get_weather", {}),
        ("get_weather", {"city": "Rome", "days": 15}),
        ("get_weather", {"city": "Rome", "color": "red"}),
        ("add_todo", {"tags": [], "title": "x"}),
        ("now", {"zone": "UTC"}),
    ]
    for call in calls:
        assert not accepts(model.vocab, grammar.text, [WRITERS[call_format]([call])])
    if call_format not in SINGLE:
        unknown = WRITERS[call_format]([("delete_everything", {})])
        assert not accepts(model.vocab, grammar.text, [unknown])


@pytest.mark.parametrize("call_format", CallFormat)
def test_text_is_free_and_ends_anywhere(model: Model, call_format: CallFormat) -> None:
    for text in ("Hello.", "a < b [c] {d} `e`", "```python\nx = {}\n```", "Zoë 😀", ""):
        assert accepts(model.vocab, grammar_of(call_format).text, [text])
        assert not accepts(model.vocab, grammar_of(call_format, forced=True).text, [text])


@pytest.mark.parametrize("call_format", sorted(set(CallFormat) - SINGLE))
def test_how_many_calls_there_may_be(model: Model, call_format: CallFormat) -> None:
    two = WRITERS[call_format]([NOW, NOW])
    assert not accepts(model.vocab, grammar_of(call_format, parallel=False).text, [two])
    assert accepts(model.vocab, grammar_of(call_format).text, [two])
    assert not accepts(model.vocab, grammar_of(call_format).text, [WRITERS[call_format]([NOW] * 9)])


FENCED = '```json\n{\n  "name": "now",\n  "arguments": {}\n}\n```'


@pytest.mark.parametrize("parallel", [True, False])
def test_objects_in_fences(model: Model, parallel: bool) -> None:
    grammar = grammar_of(CallFormat.HERMES, parallel=parallel).text
    inner = FENCED.removeprefix("```json").removesuffix("```")
    assert accepts(model.vocab, grammar, [f"Let me look.\n{FENCED}"])
    assert accepts(model.vocab, grammar, [inner.strip()])
    assert accepts(model.vocab, grammar, [f"{{{inner.strip()}}}"])
    assert not accepts(model.vocab, grammar, [f"{{{inner.strip()}}}}}"])
    for several in (f"{FENCED}\n\n{FENCED}", f"```{inner},{inner}```", inner.strip() + inner):
        assert accepts(model.vocab, grammar, [several.strip()]) == parallel
    assert not accepts(model.vocab, grammar, [FENCED + "\nThis tells the time."])


def test_nothing_is_said_behind_calls(model: Model) -> None:
    text = hermes([NOW]) + "\n<tool_response>\n12:00\n</tool_response>"
    assert not accepts(model.vocab, grammar_of(CallFormat.HERMES).text, [text])


def marked(text: str, marks: tuple[str, ...]) -> list[Segment]:
    """Text in which the marks are control tokens."""
    segments: list[Segment] = [text]
    for mark in marks:
        cut: list[Segment] = []
        for segment in segments:
            if isinstance(segment, Special):
                cut.append(segment)
                continue
            for at, part in enumerate(segment.split(mark)):
                cut += [Special(mark), part] if at else [part]
        segments = cut
    return segments


BRACES = BraceCalls("<issue_start>", "<issue_closed>", "<gh_stars>")
PYTHON = PythonCalls("<jupyter_start>", "<jupyter_text>")


@pytest.mark.parametrize(
    ("syntax", "write"),
    [
        (BRACES, lambda calls: gemma(calls, *BRACES.marks)),
        (PYTHON, lambda calls: lfm(calls, *PYTHON.marks)),
    ],
)
def test_marks_that_are_control_tokens(model: Model, syntax: Any, write: Any) -> None:
    functions = read_functions(TOOLS, None)
    controls = {name: t for mark in syntax.marks for name, t in model.vocab.controls(mark).items()}
    assert set(controls) == set(syntax.marks)
    model.vocab._specials |= controls  # what a template that names them does
    calls: list[Call] = [("add_todo", {"title": "x", "tags": ["x < y", ""]}), NOW]
    written = write(calls)
    for forced in (False, True):
        grammar = compile_calls(syntax, functions, controls, forced=forced, parallel=True)
        tokens = marked(written, syntax.marks)
        assert accepts(model.vocab, grammar.text, tokens, controls.values())
        # Spelled out, they are nothing.
        assert not accepts(model.vocab, grammar.text, [written], controls.values())
        inside = marked(written.replace('"x', f'"{syntax.marks[-1]}'), syntax.marks)
        if inside != tokens:
            assert not accepts(model.vocab, grammar.text, inside, controls.values())
    # The names of other control tokens are none of the text either.
    grammar = compile_calls(syntax, functions, controls, forced=False, parallel=True)
    assert not accepts(model.vocab, grammar.text, [Special(syntax.marks[1])], controls.values())
    assert not accepts(
        model.vocab, grammar.text, ["a", Special("<|im_start|>"), "b"], controls.values()
    )


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("forced", [True, False])
def test_thoughts_are_no_calls(model: Model, begun: bool, forced: bool) -> None:
    functions = read_functions(TOOLS, None)
    syntax = syntax_of(CallFormat.HERMES, functions)
    grammar = compile_calls(
        syntax,
        functions,
        {},
        forced=forced,
        parallel=True,
        thoughts=Thoughts("<think>", "</think>", begun),
    )
    start = "" if begun else "<think>"
    for answer in (hermes([NOW]), '{"name": "now", "arguments": {}}'):
        text = f"{start}\nI could write <tool_call> now.\n</think>\n\n{answer}"
        if not forced or answer.startswith("<tool"):
            assert accepts(model.vocab, grammar.text, [text])
        if answer.startswith("<tool"):
            assert not accepts(model.vocab, grammar.text, [text.replace('"now', '"then')])
    if not forced:
        assert accepts(model.vocab, grammar.text, [f"{start}hm</think>Text."])
    if not begun:
        assert accepts(model.vocab, grammar.text, [hermes([NOW])])


def test_an_answer_is_a_call_or_has_its_form(model: Model) -> None:
    functions = read_functions(TOOLS, None)
    form = read_schema({"type": "object", "properties": {"a": {"type": "integer"}}}, "x")
    syntax = syntax_of(CallFormat.HERMES, functions)
    grammar = compile_calls(syntax, functions, {}, forced=False, parallel=True, form=form).text
    assert accepts(model.vocab, grammar, ['{"a": 1}'])
    assert accepts(model.vocab, grammar, [hermes([NOW])])
    assert not accepts(model.vocab, grammar, ["Hello"])


def test_a_named_function_is_the_only_one(model: Model) -> None:
    functions = read_functions(TOOLS, NamedToolChoice(ChosenFunction("now")))
    syntax = syntax_of(CallFormat.HERMES, functions)
    grammar = compile_calls(syntax, functions, {}, forced=True, parallel=False).text
    assert accepts(model.vocab, grammar, [hermes([NOW])])
    assert not accepts(model.vocab, grammar, [hermes([("get_weather", {"city": "Rome"})])])


@pytest.mark.parametrize(
    ("tools", "error"),
    [
        ([*TOOLS, TOOLS[0]], r"tools\[3\]\.function\.name"),
        (
            [TOOLS[0], Tool(FunctionSpec("f", "", {"properties": {"a": {"pattern": "x"}}}))],
            r"tools\[1\]\.function\.parameters: 'pattern'",
        ),
        ([Tool(FunctionSpec("f", "", {"type": "string"}))], r"tools\[0\]\.function\.parameters"),
        ([Tool(FunctionSpec("f", "", {"anyOf": [{}, {"type": "object"}]}))], r"tools\[0\]"),
    ],
)
def test_what_cannot_be_called(tools: list[Tool], error: str) -> None:
    with pytest.raises(InvalidRequest, match=error):
        read_functions(tools, None)


def test_a_choice_that_is_no_tool() -> None:
    with pytest.raises(InvalidRequest, match="tool_choice"):
        read_functions(TOOLS, NamedToolChoice(ChosenFunction("f")))


def test_names_that_a_notation_cannot_hold() -> None:
    tools = [Tool(FunctionSpec("f", "", {"properties": {"two words": {}}}))]
    grammar_of(CallFormat.HERMES, tools)
    for call_format in (CallFormat.GEMMA, CallFormat.LFM, CallFormat.QWEN_XML):
        with pytest.raises(InvalidRequest, match="'two words'"):
            grammar_of(call_format, tools)


def test_schemas_that_are_too_large_together() -> None:
    values = [f"a value that is quite long and has the number {n}" for n in range(400)]
    tools = [
        Tool(FunctionSpec(f"f{n}", "", {"properties": {"a": {"enum": [*values, n]}}}))
        for n in range(40)
    ]
    with pytest.raises(InvalidRequest, match="too large"):
        grammar_of(CallFormat.HERMES, tools)


@pytest.mark.parametrize("call_format", CallFormat)
def test_many_tools_fit_where_marks_are_control_tokens(call_format: CallFormat) -> None:
    """Each string had rules of its own, and twelve tools were too large for most models."""
    texts = {f"argument_{at}": {"type": "string"} for at in range(4)}
    tools = [
        Tool(FunctionSpec(f"tool_{at}", parameters={"type": "object", "properties": texts}))
        for at in range(40)
    ]
    functions = read_functions(tools, None)
    syntax = syntax_of(call_format, functions)
    controls = {mark: 900 + at for at, mark in enumerate(syntax.marks)}
    grammar = compile_calls(syntax, functions, controls, forced=False, parallel=True)
    assert len(grammar.text) < MOST_SIZE // 1.5


def test_definitions_of_definitions_are_looked_at_once() -> None:
    """Each was followed again wherever it is named: for hours, with seven layers of twenty."""
    layers = {
        f"d{at}": {
            "anyOf": [{"$ref": f"#/$defs/d{at + 1}"}, *[{"$ref": f"#/$defs/d{at + 1}"}] * 19]
        }
        for at in range(6)
    }
    schema = {
        "properties": {"a": {"$ref": "#/$defs/d0"}},
        "$defs": {**layers, "d6": {"type": ["string", "integer"]}},
    }
    functions = read_functions([Tool(FunctionSpec("f", parameters=schema))], None)
    shape = functions[0].schema.shape
    assert isinstance(shape, Members)
    assert kinds_of(shape.members[0].shape, functions[0].schema) == {True, False}


@pytest.mark.parametrize(
    ("call_format", "mark"),
    [
        (CallFormat.GEMMA, '<|"|>'),
        (CallFormat.FUNCTIONGEMMA, "<escape>"),
        (CallFormat.QWEN_XML, "\n</parameter>"),
    ],
)
def test_a_value_that_ends_itself_is_refused(call_format: CallFormat, mark: str) -> None:
    """What came behind it would be read as further arguments."""
    schema = {"properties": {"a": {"enum": ["x", f"x{mark}y"]}}}
    tools = [Tool(FunctionSpec("f", parameters=schema))]
    with pytest.raises(InvalidRequest, match="cannot stand in a call"):
        grammar_of(call_format, tools)
