from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.tool_calls.answer_parser import AnswerParser
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.answer_events import CallArguments, CallStarted, Delta
from pisovereign.engine_client.types import FunctionSpec, Tool
from tests.engine.tool_calls.support import calls_of, cuts, grammar_of, parsed
from tests.engine.tool_calls.writing import WRITERS, Call, hermes

GRAMMARS = {call_format: grammar_of(call_format) for call_format in CallFormat}
PLACES = st.lists(st.integers(0, 1000), max_size=40)


@pytest.mark.parametrize("call_format", CallFormat)
@given(st.data(), PLACES)
def test_any_cut_gives_the_same(call_format: CallFormat, data: Any, places: list[int]) -> None:
    calls = data.draw(calls_of(call_format))
    written = WRITERS[call_format](calls)
    assert parsed(GRAMMARS[call_format], cuts(written, places)) == ("", calls)
    assert parsed(GRAMMARS[call_format], list(written)) == ("", calls)


PARIS: Call = ("get_weather", {"city": "Paris"})
FENCED = """```json
{
  "name": "get_weather",
  "arguments": {
    "city": "Paris"
  }
}
```"""

FENCE = "```"
OBJECT = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
ROME = OBJECT.replace("Paris", "Rome")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (f"{{{OBJECT}}}", ""),
        (f"```json\n{{{OBJECT}}}\n```", ""),
        (f"{{{OBJECT}", ""),
        (FENCED, ""),
        (f"Let me look.\n\n{FENCED}\n", "Let me look."),
        (FENCED.replace("```json", "```"), ""),
        (FENCED.removesuffix("```"), ""),
        (OBJECT, ""),
        (f"I will look.\n{hermes([PARIS])}\n", "I will look."),
        (f"```json\n{hermes([PARIS])}\n", ""),
        (f"{FENCED}\n\n{FENCED.replace('Paris', 'Rome')}", ""),
        (f"{FENCED.removesuffix(FENCE)},\n{ROME}\n```", ""),
        (f"{OBJECT}\n{ROME}", ""),
        ('<tool_call>{"name":"get_weather","arguments":{"city":"Paris"}}</tool_call>', ""),
    ],
)
def test_what_hermes_models_write_instead(written: str, text: str) -> None:
    grammar = GRAMMARS[CallFormat.HERMES]
    calls = [("get_weather", {"city": city}) for city in re.findall(r'"(Paris|Rome)"', written)]
    assert parsed(grammar, [written]) == (text, calls)
    assert parsed(grammar, list(written)) == (text, calls)


@pytest.mark.parametrize("call_format", CallFormat)
@pytest.mark.parametrize(
    "text",
    [
        "Just text.",
        " blanks at both ends \n",
        "a < b, and [x] {y}",
        "```python\nprint({})\n```",
        '```json\n{"name": "somebody", "age": 7}\n```',
        '{"name": "somebody"}',
        "<tool",
        "",
    ],
)
def test_text_stays_text(call_format: CallFormat, text: str) -> None:
    for pieces in ([text], list(text)):
        assert parsed(GRAMMARS[call_format], pieces) == (text, [])


def test_text_comes_as_soon_as_it_cannot_be_a_call() -> None:
    parser = AnswerParser(GRAMMARS[CallFormat.HERMES].triggers)
    assert parser.feed("Hello") == [Delta("Hello")]
    assert parser.feed(" world <to") == [Delta(" world")]
    assert parser.feed("p> ") == [Delta(" <top>")]
    assert parser.finish() == [Delta(" ")]


def test_arguments_come_as_they_are_written() -> None:
    parser = AnswerParser(GRAMMARS[CallFormat.HERMES].triggers)
    assert parser.feed('<tool_call>\n{"name": "get_wea') == []
    started = parser.feed('ther", ')
    assert [(e.index, e.name) for e in started if isinstance(e, CallStarted)] == [
        (0, "get_weather")
    ]
    assert parser.in_call
    assert parser.feed('"arguments": {"ci') == [CallArguments(0, '{"ci')]
    assert parser.feed('ty": "<Pa') == [CallArguments(0, 'ty": "<Pa')]
    # The model's limit comes here: what there is of the call has been told.
    assert parser.finish() == []
    assert parser.calls == 1


@pytest.mark.parametrize("call_format", CallFormat)
@given(st.data())
def test_whatever_is_written_is_read(call_format: CallFormat, data: Any) -> None:
    """Broken calls end no answer, and none is invented: arguments are the beginning of JSON."""
    written = WRITERS[call_format](data.draw(calls_of(call_format)))
    at, length = data.draw(st.tuples(st.integers(0, 300), st.integers(0, 9)))
    # What an engine has decoded has no surrogates.
    letters = st.characters(exclude_categories=["Cs"])
    junk = data.draw(st.text(st.sampled_from('{}[]()<>"\\|:=,`\n a1é') | letters, max_size=9))
    broken = written[:at] + junk + written[at + length :]
    parser = AnswerParser(GRAMMARS[call_format].triggers)
    events = [event for piece in cuts(broken, [at, at + 3]) for event in parser.feed(piece)]
    events += parser.finish()
    begun = [event.index for event in events if isinstance(event, CallStarted)]
    assert begun == list(range(len(begun)))
    assert all(e.index < len(begun) for e in events if isinstance(e, CallArguments))


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    for grammar in GRAMMARS.values():
        parser = AnswerParser(grammar.triggers)
        events = [*parser.feed(text), *parser.finish()]
        assert "".join(e.text for e in events if isinstance(e, Delta)) == text or parser.calls


def test_text_in_python_quotes() -> None:
    written = "<|tool_call_start|>[get_weather(city='L\\'Aquila \"x\"')]<|tool_call_end|>"
    assert parsed(GRAMMARS[CallFormat.LFM], [written]) == (
        "",
        [("get_weather", {"city": 'L\'Aquila "x"'})],
    )


def test_numbers_in_tags_are_read_by_the_schema() -> None:
    written = WRITERS[CallFormat.QWEN_XML](
        [("add_todo", {"title": "7", "tags": ["x"], "due": "null", "weight": 1.5})]
    )
    (_, calls) = parsed(GRAMMARS[CallFormat.QWEN_XML], [written])
    # `due` may be null or a string, and so says that there is none.
    assert json.dumps(calls[0][1]) == '{"title": "7", "tags": ["x"], "due": null, "weight": 1.5}'


@pytest.mark.parametrize(
    "call_format", sorted(set(CallFormat) - {CallFormat.LLAMA3, CallFormat.JSON})
)
def test_the_same_call_again_is_dropped(call_format: CallFormat) -> None:
    rome: Call = ("get_weather", {"city": "Rome"})
    written = WRITERS[call_format]([PARIS, rome, PARIS, rome])
    for pieces in ([written], list(written)):
        assert parsed(GRAMMARS[call_format], pieces) == ("", [PARIS, rome])
        parser = AnswerParser(GRAMMARS[call_format].triggers)
        assert not parser.over
        for piece in pieces:
            parser.feed(piece)
        assert parser.over


def test_a_further_call_that_is_cut_off_is_told() -> None:
    parser = AnswerParser(GRAMMARS[CallFormat.HERMES].triggers)
    events = parser.feed(hermes([PARIS, ("add_todo", {"title": "milk"})])[:-18])
    assert [event.index for event in events if isinstance(event, CallStarted)] == [0]
    started, arguments = parser.finish()
    assert isinstance(started, CallStarted)
    assert (started.index, started.name) == (1, "add_todo")
    assert isinstance(arguments, CallArguments)
    assert arguments.text.startswith('{"title": "m')


DEEP = {
    CallFormat.HERMES: '<tool_call>{"name": "now", "arguments": {"a": ' + "[" * 5000,
    CallFormat.MISTRAL_ARGS: '[TOOL_CALLS]now[ARGS]{"a": ' + "[" * 5000,
    CallFormat.LFM: "<|tool_call_start|>[now(a=" + "[" * 5000,
    CallFormat.GEMMA: "<|tool_call>call:now{a:" + "{a:" * 5000,
    CallFormat.QWEN_XML: f"<tool_call><function=now>\n<parameter=a>\n{'[' * 5000}\n</parameter>\n",
}


@pytest.mark.parametrize("call_format", DEEP)
def test_arguments_without_end_end_the_answer(call_format: CallFormat) -> None:
    """Reading them took a level of Python each, and the process ended."""
    parser = AnswerParser(GRAMMARS[call_format].triggers)
    for character in DEEP[call_format]:
        parser.feed(character)
    assert parser.over or call_format is CallFormat.QWEN_XML  # there it is a text


def test_a_deep_value_that_could_be_many_things_is_read() -> None:
    lists = {"anyOf": [{"$ref": "#/$defs/lists"}, {"type": "string"}]}
    schema = {
        "properties": {"a": lists},
        "$defs": {"lists": {"type": "array", "items": {"$ref": "#/$defs/lists"}}},
    }
    parser = AnswerParser(
        grammar_of(CallFormat.QWEN_XML, [Tool(FunctionSpec("now", parameters=schema))]).triggers
    )
    deep = "[" * 400 + "]" * 400
    parser.feed(f"<tool_call><function=now>\n<parameter=a>\n{deep}\n</parameter>\n")
    assert parser.over
