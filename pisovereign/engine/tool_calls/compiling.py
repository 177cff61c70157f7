"""From the tools of a request to the grammar of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.automaton import Automaton, Mark, plain
from pisovereign.engine.schemas.notation import Notation
from pisovereign.engine.schemas.reading import read_schema
from pisovereign.engine.schemas.rules import TooLarge
from pisovereign.engine.schemas.shapes import Mapped, Members, Reference, Schema
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine.tool_calls.json_calls import JsonCalls
from pisovereign.engine.tool_calls.named_calls import (
    ArgsCalls,
    BraceCalls,
    PythonCalls,
    UnusableName,
)
from pisovereign.engine.tool_calls.syntax import CallSyntax, Function, GrammarContext, Trigger
from pisovereign.engine.tool_calls.tagged_calls import TaggedCalls
from pisovereign.engine_client.types import NamedToolChoice, Tool, ToolChoice

_SYNTAXES: dict[CallFormat, CallSyntax] = {
    CallFormat.HERMES: JsonCalls(
        "<tool_call>", "\n", "\n", "\n", closing="</tool_call>", fenced=True
    ),
    CallFormat.LLAMA3: JsonCalls(
        "", "", None, "", key="parameters", fenced=True, ignored="<|python_tag|>"
    ),
    CallFormat.GRANITE: JsonCalls("<|tool_call|>", "[", ", ", "]"),
    CallFormat.MISTRAL: JsonCalls("[TOOL_CALLS]", "[", ", ", "]"),
    CallFormat.JSON: JsonCalls("", "", None, "", fenced=True),
    CallFormat.MISTRAL_ARGS: ArgsCalls("[TOOL_CALLS]", "[ARGS]"),
    CallFormat.LFM: PythonCalls("<|tool_call_start|>", "<|tool_call_end|>"),
    CallFormat.GEMMA: BraceCalls("<|tool_call>", "<tool_call|>", '<|"|>'),
    CallFormat.FUNCTIONGEMMA: BraceCalls(
        "<start_function_call>", "<end_function_call>", "<escape>"
    ),
}


def syntax_of(call_format: CallFormat, functions: Sequence[Function]) -> CallSyntax:
    """Return the notation of a format."""
    if call_format is CallFormat.QWEN_XML:
        return TaggedCalls(tuple(functions))
    return _SYNTAXES[call_format]


@dataclass(frozen=True, slots=True)
class CallGrammar:
    """How an answer with tools is held to its form, and read.

    Attributes:
        text: the grammar of the whole answer.
        controls: ids of control tokens that are part of a call, by their text.
        triggers: what a call begins with.
        automaton: finds them, by their place.
    """

    text: str
    controls: Mapping[str, int]
    triggers: tuple[Trigger, ...]
    automaton: Automaton


def read_functions(tools: Sequence[Tool], choice: ToolChoice | None) -> list[Function]:
    """Return what may be called.

    Raises:
        InvalidRequest: a schema that cannot be used, a name twice, or a choice that is no tool.
    """
    names: set[str] = set()
    functions: list[Function] = []
    for at, tool in enumerate(tools):
        name = tool.function.name
        if name in names:
            raise InvalidRequest(f"tools[{at}].function.name: {name!r} is there twice")
        names.add(name)
        if isinstance(choice, NamedToolChoice) and choice.function.name != name:
            continue
        field = f"tools[{at}].function.parameters"
        functions.append(Function(name, _parameters(tool.function.parameters, field)))
    if isinstance(choice, NamedToolChoice) and not functions:
        raise InvalidRequest(f"tool_choice: {choice.function.name!r} is none of the tools")
    return functions


def _parameters(parameters: dict[str, Any], field: str) -> Schema:
    """Read a function's schema: one of objects; without properties it has no arguments."""
    given = dict(parameters)
    if not {"type", "anyOf", "oneOf", "allOf", "$ref"} & given.keys():
        given["type"] = "object"
    if not given.get("properties") and given.get("type") == "object":
        given.setdefault("additionalProperties", False)
    schema = read_schema(given, field)
    shape = schema.shape
    if isinstance(shape, Reference):
        shape = schema.definitions[shape.name]
    if not isinstance(shape, Members | Mapped):
        raise InvalidRequest(f"{field}: arguments must be an object with named properties")
    return Schema(shape, schema.definitions)


def compile_calls(
    call_format: CallFormat,
    functions: Sequence[Function],
    controls: Mapping[str, int],
    *,
    forced: bool,
    parallel: bool,
    form: Schema | None = None,
    thinking: str | None = None,
) -> CallGrammar:
    """Write the grammar of an answer that may, or has to, call functions.

    Args:
        call_format: how the model writes calls.
        functions: what it may call.
        controls: ids of the vocabulary's control tokens among the marks, by their text.
        forced: whether it has to call, and may write nothing else.
        parallel: whether it may call several times.
        form: what an answer that calls nothing has to be; None: any text.
        thinking: the mark at which thoughts end, if the answer begins with thoughts.

    Raises:
        InvalidRequest: the schemas are too large, or the format cannot express them.
    """
    syntax = syntax_of(call_format, functions)
    own = {mark: controls[mark] for mark in syntax.marks if mark in controls}
    context = GrammarContext(functions, own, parallel=parallel)
    triggers = tuple(syntax.triggers([function.name for function in functions]))
    automaton = Automaton([trigger.mark for trigger in triggers])
    try:
        root = syntax.forced(context) if forced else _text(context, triggers, automaton, form)
        if thinking is not None:
            root = _thoughts(context, thinking, root)
        text = context.rules.text(root)
    except TooLarge:
        raise InvalidRequest("tools: the schemas are too large together") from None
    except UnusableName as error:
        raise InvalidRequest(
            f"tools: an argument cannot be called {str(error)!r} with this model"
        ) from None
    return CallGrammar(text, own, triggers, automaton)


def _text(
    context: GrammarContext,
    triggers: Sequence[Trigger],
    automaton: Automaton,
    form: Schema | None,
) -> str:
    """Return an expression for text in which a call may begin.

    Where a mark is a control token, its text must not be spelled out: llama.cpp's grammars see the
    token as its name, and took it for text otherwise.
    """
    begun: dict[int, str] = {}

    def follows(at: int) -> str | None:
        control = triggers[at].control
        if control is not None and control in context.controls:
            return None
        return grammar(at)

    def grammar(at: int) -> str:
        if at not in begun:
            begun[at] = context.rules.add(triggers[at].grammar(context))
        return begun[at]

    tokens = [
        f"{context.mark(trigger.control)} {grammar(at)}"
        for at, trigger in enumerate(triggers)
        if trigger.control is not None and trigger.control in context.controls
    ]
    if form is not None:
        notation = Notation(context.rules, form, forbidden=tuple(context.controls))
        calls = [
            f"{context.mark(trigger.control)} {grammar(at)}"
            for at, trigger in enumerate(triggers)
            if trigger.control is not None
        ]
        return context.rules.add(" | ".join([notation.value(form.shape), *calls]))
    # Other marks that are control tokens, such as that of a call's end, are none of text.
    seen = {trigger.control for trigger in triggers}
    others = [plain(mark) for mark in context.controls if mark not in seen]
    both = Automaton([*automaton.marks, *others])
    return context.rules.automaton(
        both,
        both.start,
        lambda at: follows(at) if at < len(triggers) else None,
        others=lambda _: [*tokens, '""'],
    )


def _thoughts(context: GrammarContext, end: str, root: str) -> str:
    """Return an expression for thoughts up to their end, and the answer."""
    answer = context.rules.add(f"[ \\n]{{0,4}} {root}")
    if end in context.controls:
        automaton = Automaton([plain(end)])
        return context.rules.automaton(
            automaton,
            automaton.start,
            lambda _: None,
            others=lambda _: [f"{context.mark(end)} {answer}", '""'],
        )
    automaton = Automaton([Mark(tuple(end))])
    return context.rules.automaton(
        automaton, automaton.start, lambda _: answer, others=lambda _: ['""']
    )
