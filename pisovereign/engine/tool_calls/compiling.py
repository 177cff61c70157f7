"""From the tools of a request to the grammar of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.automaton import BLANK, Automaton, Mark, plain
from pisovereign.engine.schemas.notation import Notation
from pisovereign.engine.schemas.reading import read_schema
from pisovereign.engine.schemas.rules import TooLarge, quoted
from pisovereign.engine.schemas.shapes import Mapped, Members, Reference, Schema
from pisovereign.engine.tool_calls.bare_names import Unwritable
from pisovereign.engine.tool_calls.brace_calls import BraceCalls
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine.tool_calls.json_calls import JsonCalls
from pisovereign.engine.tool_calls.marked_calls import ArgsCalls
from pisovereign.engine.tool_calls.python_calls import PythonCalls
from pisovereign.engine.tool_calls.syntax import CallSyntax, Function, GrammarContext, Trigger
from pisovereign.engine.tool_calls.tagged_calls import TAG, TaggedCalls
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
        return TaggedCalls(TAG, tuple(functions))
    return _SYNTAXES[call_format]


@dataclass(frozen=True, slots=True)
class CallGrammar:
    """How an answer with tools is held to its form, and read.

    Attributes:
        text: the grammar of the whole answer.
        controls: ids of control tokens that are part of a call, by their text.
        triggers: what a call begins with.
    """

    text: str
    controls: Mapping[str, int]
    triggers: tuple[Trigger, ...]


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


@dataclass(frozen=True, slots=True)
class Thoughts:
    """The marks around what a model thinks before it answers.

    Attributes:
        begin: comes before it.
        end: comes after it.
        begun: whether the prompt ends within.
    """

    begin: str
    end: str
    begun: bool


def compile_calls(
    syntax: CallSyntax,
    functions: Sequence[Function],
    controls: Mapping[str, int],
    *,
    forced: bool,
    parallel: bool,
    form: Schema | None = None,
    thoughts: Thoughts | None = None,
) -> CallGrammar:
    """Write the grammar of an answer that may, or has to, call functions.

    Args:
        syntax: how the model writes calls.
        functions: what it may call.
        controls: ids of the vocabulary's control tokens in the marks, by their text.
        forced: whether it has to call, and may write nothing else.
        parallel: whether it may call several times.
        form: what an answer that calls nothing has to be; None: any text.
        thoughts: what it may think before; None: nothing.

    Raises:
        InvalidRequest: the schemas are too large, or the format cannot express them.
    """
    context = GrammarContext(functions, controls, parallel=parallel)
    triggers = tuple(syntax.triggers([function.name for function in functions]))
    try:
        if forced:
            answer = first = context.rules.add(syntax.forced(context))
        else:
            text = AnswerText(context, triggers, form)
            answer = first = text.written()
        if thoughts is not None:
            inside = _inside(context, thoughts, answer)
            begin = thoughts.begin.strip()
            if thoughts.begun:
                first = inside
            elif forced or form is not None or context.sequence(begin) != quoted(begin):
                first = f"{context.sequence(begin)} {inside} | {answer}"
            else:
                first = text.written(plain(begin), inside)
        grammar = context.rules.text(first)
    except TooLarge:
        raise InvalidRequest("tools: the schemas are too large together") from None
    except Unwritable as error:
        raise InvalidRequest(
            f"tools: {str(error)!r} cannot stand in a call of this model"
        ) from None
    return CallGrammar(grammar, dict(controls), triggers)


def compile_form(
    form: Schema, controls: Mapping[str, int], thoughts: Thoughts | None
) -> CallGrammar:
    """Write the grammar of an answer that calls nothing, and follows a schema.

    Args:
        form: the schema.
        controls: ids of the vocabulary's control tokens in the marks of thoughts.
        thoughts: what it may think before; None: nothing.

    Raises:
        InvalidRequest: the schema is too large.
    """
    context = GrammarContext((), controls, parallel=False)
    try:
        answer = first = context.json(form)
        if thoughts is not None:
            inside = _inside(context, thoughts, answer)
            begin = context.sequence(thoughts.begin.strip())
            first = inside if thoughts.begun else f"{begin} {inside} | {answer}"
        grammar = context.rules.text(first)
    except TooLarge:
        raise InvalidRequest("response_format: the JSON schema is too large") from None
    return CallGrammar(grammar, dict(controls), ())


class AnswerText:
    """Writes expressions for text in which a call may begin.

    Where a mark is a control token, its text must not be spelled out: llama.cpp's grammars see the
    token as its name, and took it for text otherwise.

    Args:
        context: what it is written with.
        triggers: what a call begins with.
        form: what the text has to be; None: anything.
    """

    def __init__(
        self, context: GrammarContext, triggers: Sequence[Trigger], form: Schema | None
    ) -> None:
        self._context = context
        self._triggers = triggers
        self._form = form
        self._begun: dict[int, str] = {}

    def written(self, opening: Mark | None = None, opened: str = "") -> str:
        """Return an expression; `opened` follows the mark `opening` at the very beginning."""
        context, triggers = self._context, self._triggers
        tokens = {
            f"{context.mark(trigger.control)} {self._grammar(at)}": None
            for at, trigger in enumerate(triggers)
            if trigger.control is not None
            and (trigger.control in context.controls or self._form is not None)
        }
        if self._form is not None:
            notation = Notation(context.rules, self._form, forbidden=tuple(context.controls))
            return context.rules.add(" | ".join([notation.value(self._form.shape), *tokens]))
        marks = [trigger.mark for trigger in triggers]
        # Names of other control tokens are none of text either, such as that of a call's end.
        seen = {trigger.control for trigger in triggers}
        marks += [plain(name) for name in context.controls if name not in seen]
        last = len(marks)
        if opening is not None:
            marks.append(Mark((BLANK, *opening.parts), at_start=True))
        automaton = Automaton(marks)

        def follows(at: int) -> str | None:
            if at == last:
                return opened
            if at >= len(triggers) or triggers[at].control in context.controls:
                return None
            return self._grammar(at)

        return context.rules.automaton(
            automaton, automaton.start, follows, others=lambda _: [*tokens, '""']
        )

    def _grammar(self, at: int) -> str:
        if at not in self._begun:
            self._begun[at] = self._context.rules.add(self._triggers[at].grammar(self._context))
        return self._begun[at]


def _inside(context: GrammarContext, thoughts: Thoughts, answer: str) -> str:
    """Return an expression for thoughts, their end, and the answer.

    In thoughts nothing is a call. An answer may also be cut off within them.
    """
    rest = context.rules.add(f"[ \\n]{{0,4}} {answer}")
    end = context.sequence(thoughts.end)
    if end == quoted(thoughts.end):
        automaton = Automaton([plain(thoughts.end), *map(plain, context.controls)])
        return context.rules.automaton(
            automaton,
            automaton.start,
            lambda at: None if at else rest,
            others=lambda _: ['""'],
        )
    automaton = Automaton([plain(name) for name in context.controls])
    return context.rules.automaton(
        automaton, automaton.start, lambda _: None, others=lambda _: [f"{end} {rest}", '""']
    )
