"""Tools, arguments for them, and what a parser makes of an answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from pisovereign.engine.tool_calls.answer_parser import AnswerParser
from pisovereign.engine.tool_calls.compiling import (
    CallGrammar,
    compile_calls,
    read_functions,
    syntax_of,
)
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.answer_events import (
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
)
from pisovereign.engine_client.types import FunctionSpec, Tool
from tests.engine.schemas.support import WORDS
from tests.engine.tool_calls.writing import SINGLE, Call

WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1, "maximum": 14},
        "units": {"enum": ["celsius", "fahrenheit"]},
    },
    "required": ["city"],
}
TODO = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 40},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "due": {"type": ["string", "null"]},
        "weight": {"type": "number"},
        "extra": {"type": "object", "properties": {"deep": {"type": "boolean"}}},
    },
    "required": ["title", "tags"],
}
TOOLS = [
    Tool(FunctionSpec("get_weather", "The weather.", WEATHER)),
    Tool(FunctionSpec("add_todo", "Adds to the list.", TODO)),
    Tool(FunctionSpec("now", "The time.")),
]


def grammar_of(
    call_format: CallFormat,
    tools: Sequence[Tool] = tuple(TOOLS),
    *,
    forced: bool = False,
    parallel: bool = True,
) -> CallGrammar:
    functions = read_functions(tools, None)
    syntax = syntax_of(call_format, functions)
    return compile_calls(syntax, functions, {}, forced=forced, parallel=parallel)


def parsed(grammar: CallGrammar, pieces: Iterable[str]) -> tuple[str, list[Call]]:
    """Text and calls of an answer in these pieces; the ids have to be there and to differ."""
    parser = AnswerParser(grammar.triggers)
    events: list[AnswerPiece] = []
    for piece in pieces:
        events += parser.feed(piece)
    events += parser.finish()
    text = "".join(event.text for event in events if isinstance(event, Delta))
    names: list[str] = []
    arguments: list[str] = []
    for event in events:
        if isinstance(event, CallStarted):
            assert event.index == len(names)
            names.append(event.name)
            arguments.append("")
        elif isinstance(event, CallArguments):
            arguments[event.index] += event.text
    ids = {event.id for event in events if isinstance(event, CallStarted)}
    assert len(ids) == len(names) == parser.calls
    calls = [(n, json.loads(a)) for n, a in zip(names, arguments, strict=True)]
    return text, calls


def cuts(text: str, places: Iterable[int]) -> list[str]:
    """The text, cut at these places."""
    at = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in itertools.pairwise(at)]


def _optional(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


_PLAIN = WORDS.filter(lambda text: "<" not in text and "[" not in text)
_NUMBERS = st.integers(-999, 999) | st.floats(-1e6, 1e6).map(lambda x: round(round(x, 3) + 0.5, 3))


def calls_of(call_format: CallFormat) -> st.SearchStrategy[list[Call]]:
    """Calls of these tools, in the order of the schema, as the grammar has it."""
    weather = _optional(
        {"city": _PLAIN},
        {"days": st.integers(1, 14), "units": st.sampled_from(["celsius", "fahrenheit"])},
    )
    todo = _optional(
        {"title": _PLAIN.filter(bool), "tags": st.lists(_PLAIN, max_size=3)},
        {
            "due": st.none() | st.just("soon"),
            "weight": _NUMBERS.filter(lambda x: "e" not in repr(x)),
            "extra": _optional({}, {"deep": st.booleans()}),
        },
    )
    one: st.SearchStrategy[Call] = st.one_of(
        st.tuples(st.just("get_weather"), weather.map(lambda x: ordered(x, WEATHER))),
        st.tuples(st.just("add_todo"), todo.map(lambda x: ordered(x, TODO))),
        st.tuples(st.just("now"), st.just({})),
    )
    most = 1 if call_format in SINGLE else 3
    return st.lists(one, min_size=1, max_size=most, unique_by=json.dumps)


def ordered(values: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    names = sorted(schema["properties"], key=lambda name: name not in schema["required"])
    return {name: values[name] for name in names if name in values}
