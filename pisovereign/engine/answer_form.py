"""The form of an answer, and how it is read: JSON, calls of tools, or any text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.grammar import GrammarConstraint
from pisovereign.engine.schemas.reading import read_schema
from pisovereign.engine.templates import ChatTemplate, Segment
from pisovereign.engine.templates.reasoning import ReasoningParser, begins_inside
from pisovereign.engine.tool_calls.answer_parser import AnswerParser
from pisovereign.engine.tool_calls.compiling import (
    CallGrammar,
    Thoughts,
    compile_calls,
    compile_form,
    read_functions,
    syntax_of,
)
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine.vocab import Vocab
from pisovereign.engine_client.types import (
    ChatRequest,
    JsonObjectFormat,
    JsonSchemaFormat,
    NamedToolChoice,
    Tool,
    encode,
)

_KEPT = 16  # grammars of calls: many requests have the same tools
_ANY_OBJECT = {"type": "object"}


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The form of one answer.

    Attributes:
        constraint: what holds the model to it; None: it may write anything.
        parser: what takes calls out of it; None: there are none.
        thoughts: what takes out what the model thinks; None: nothing.
        controls: names of control tokens that are part of the answer, by their ids.
        whole: whether all of it has a form: then it is not cut short when it repeats itself.
    """

    constraint: GrammarConstraint | None = None
    parser: AnswerParser | None = None
    thoughts: ReasoningParser | None = None
    controls: dict[int, str] = field(default_factory=dict)
    whole: bool = False


class AnswerForms:
    """Finds the form of answers for one model. Used by several threads.

    Args:
        vocab: the model's vocabulary.
        template: says how the model writes calls and thoughts.
    """

    def __init__(self, vocab: Vocab, template: ChatTemplate) -> None:
        self._vocab = vocab
        self._template = template
        self._grammars: OrderedDict[bytes, CallGrammar] = OrderedDict()

    def of(self, request: ChatRequest, prompt: Sequence[Segment]) -> AnswerForm:
        """Return the form of the answer to a request.

        Args:
            request: the request.
            prompt: its rendered prompt: it may have begun the model's thoughts.

        Raises:
            InvalidRequest: a schema that cannot be used, or a tool that is not there.
        """
        tools = offered_tools(request)
        if _forced(request) and not tools:
            raise InvalidRequest("tool_choice: there are no tools to call")
        schema = _schema_of(request)
        thoughts = self._thoughts(request, prompt)
        parser = constraint = None
        ids: dict[int, str] = {}
        if tools or schema is not None:
            grammar = self._grammar(request, tools, thoughts)
            ids = {token: name for name, token in grammar.controls.items()}
            field = "tools" if tools else "response_format"
            constraint = GrammarConstraint(self._vocab, grammar.text, ids, field)
            parser = AnswerParser(grammar.triggers) if tools else None
        elif thoughts is not None:
            ids = {token: name for name, token in self._controls(thoughts).items()}
        marks = self._template.reasoning
        reasoning = None
        if thoughts is not None and marks is not None:
            reasoning = ReasoningParser(marks, inside=thoughts.begun)
        return AnswerForm(
            constraint,
            parser,
            reasoning,
            ids,
            whole=_forced(request) or schema is not None,
        )

    def _grammar(
        self, request: ChatRequest, tools: Sequence[Tool], thoughts: Thoughts | None
    ) -> CallGrammar:
        form = request.response_format
        begun = thoughts is not None and thoughts.begun
        many = request.parallel_tool_calls
        key = encode([tools, request.tool_choice, many, form, thoughts is not None, begun])
        grammar = self._grammars.get(key)
        if grammar is None:
            grammar = self._compiled(request, tools, thoughts)
        self._grammars[key] = grammar
        self._grammars.move_to_end(key)
        if len(self._grammars) > _KEPT:
            self._grammars.popitem(last=False)
        return grammar

    def _compiled(
        self, request: ChatRequest, tools: Sequence[Tool], thoughts: Thoughts | None
    ) -> CallGrammar:
        schema = _schema_of(request)
        form = None if schema is None else read_schema(schema, "response_format")
        controls = {} if thoughts is None else self._controls(thoughts)
        if not tools:
            assert form is not None, "else there is no form"
            return compile_form(form, controls, thoughts)
        functions = read_functions(tools, request.tool_choice)
        syntax = syntax_of(self._template.call_format or CallFormat.JSON, functions)
        for mark in syntax.marks:
            controls |= self._vocab.controls(mark)
        return compile_calls(
            syntax,
            functions,
            controls,
            forced=_forced(request),
            parallel=request.parallel_tool_calls,
            form=form,
            thoughts=thoughts,
        )

    def _controls(self, thoughts: Thoughts) -> dict[str, int]:
        return self._vocab.controls(thoughts.begin) | self._vocab.controls(thoughts.end)

    def _thoughts(self, request: ChatRequest, prompt: Sequence[Segment]) -> Thoughts | None:
        """Return what may be thought; what has to have a form only where that was asked for."""
        marks = self._template.reasoning
        if marks is None:
            return None
        begun = begins_inside(marks, prompt)
        asked = request.reasoning_effort not in (None, "none")
        formed = _forced(request) or (not request.tools and _schema_of(request) is not None)
        return Thoughts(marks.begin, marks.end, begun) if begun or asked or not formed else None


def offered_tools(request: ChatRequest) -> list[Tool]:
    """Return the tools that the model is told of."""
    return [] if request.tool_choice == "none" else request.tools or []


def _forced(request: ChatRequest) -> bool:
    return request.tool_choice == "required" or isinstance(request.tool_choice, NamedToolChoice)


def _schema_of(request: ChatRequest) -> dict[str, object] | None:
    match request.response_format:
        case JsonObjectFormat():
            return dict(_ANY_OBJECT)
        case JsonSchemaFormat(json_schema=wanted):
            return wanted.schema
        case _:
            return None
