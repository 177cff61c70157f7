"""Calls as Python writes them: `[name(city="Rome", days=3)]`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pisovereign.engine.schemas.notation import Notation
from pisovereign.engine.schemas.rules import quoted
from pisovereign.engine.schemas.shapes import Mapped, Member
from pisovereign.engine.tool_calls.bare_names import (
    BARE_NAME,
    ValueReading,
    bare_members,
    bare_value,
    separated,
)
from pisovereign.engine.tool_calls.json_calls import json_string
from pisovereign.engine.tool_calls.marked_calls import MarkedCalls
from pisovereign.engine.tool_calls.syntax import (
    MOST_DEPTH,
    CallWriter,
    Function,
    GrammarContext,
    Malformed,
    Reading,
    expect,
    skip_blanks,
    until,
)

_PYTHON_WORDS = {"True": "true", "False": "false", "None": "null"}


@dataclass(frozen=True, slots=True)
class PythonCalls(MarkedCalls):
    """A list of Python calls between marks: `[name(city="Rome", days=3)]`."""

    closing: str

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, self.closing)

    def after_mark(self, context: GrammarContext) -> str:
        """Return an expression for the list of calls."""
        call = context.any_call([self._call(context, each) for each in context.functions])
        return f'"[" {context.repeated(call, quoted(", "))} "]" {context.mark(self.closing)}'

    def _call(self, context: GrammarContext, function: Function) -> str:
        forbidden = tuple(context.controls)
        notation = PythonNotation(context.rules, function.schema, forbidden=forbidden)
        return f'{quoted(function.name + "(")} {notation.arguments(function)} ")"'

    def read(self, writer: CallWriter) -> Reading:
        """Read the list."""
        character = yield from skip_blanks()
        yield from expect("[", character)
        while True:
            character = yield from skip_blanks()
            name = character + (yield from until("("))
            writer.begin(name.strip())
            yield from _python_arguments(writer)
            character = yield from skip_blanks()
            if character == "]":
                break
            yield from expect(",", character)
        character = yield from skip_blanks()
        yield from expect(self.closing, character)


class PythonNotation(Notation):
    """Values as in Python, with the strings of JSON."""

    true, false, null = "True", "False", "None"

    def arguments(self, function: Function) -> str:
        """Return an expression for what stands between the parentheses."""
        members = bare_members(function)
        if isinstance(members, Mapped):
            one = self.rules.add(f'{BARE_NAME} "=" {self.value(members.shape)}')
            return f'({one} (", " {one})*)?'
        return self.listed(members.members, self._argument, quoted(", ")) or '""'

    def _argument(self, member: Member) -> str:
        return f"{quoted(member.name + '=')} {self.value(member.shape)}"

    def written(self, value: Any) -> str:
        """Return how a value is written."""
        match value:
            case None:
                return "None"
            case bool():
                return str(value)
            case list():
                return f"[{', '.join(map(self.written, value))}]"
            case dict():
                pairs = (
                    f"{self.written(key)}: {self.written(each)}" for key, each in value.items()
                )
                return f"{{{', '.join(pairs)}}}"
            case _:
                return super().written(value)


def _python_arguments(writer: CallWriter) -> Reading:
    """Read arguments behind their parenthesis."""

    def argument(character: str) -> ValueReading:
        name = (character + (yield from until("="))).strip()
        writer.arguments(f"{json.dumps(name)}: ")
        return (yield from _python_value(writer, (yield from skip_blanks())))

    writer.arguments("{")
    yield from separated(writer, ")", argument)
    writer.arguments("}")


def _python_value(writer: CallWriter, character: str, depth: int = 0) -> ValueReading:
    """Read a value whose first character was read, and return what follows it."""
    if depth > MOST_DEPTH:
        raise Malformed
    if character == '"':
        writer.arguments(character)
        yield from json_string(writer)
    elif character == "'":
        yield from _quoted_text(writer)
    elif character == "[":
        yield from _python_items(writer, "]", depth + 1)
    elif character == "{":
        yield from _python_items(writer, "}", depth + 1)
    else:
        return (yield from bare_value(writer, character, _PYTHON_WORDS))
    return (yield from skip_blanks())


def _python_items(writer: CallWriter, end: str, depth: int) -> Reading:
    """Read a list or a dictionary behind its bracket."""

    def item(character: str) -> ValueReading:
        character = yield from _python_value(writer, character, depth)
        if end == "}":
            yield from expect(":", character)
            writer.arguments(": ")
            character = yield from _python_value(writer, (yield from skip_blanks()), depth)
        return character

    writer.arguments("[" if end == "]" else "{")
    yield from separated(writer, end, item)
    writer.arguments(end)


def _quoted_text(writer: CallWriter) -> Reading:
    """Read a string in single quotes behind the first of them."""
    writer.arguments('"')
    while (character := (yield)) != "'":
        if character == "\\":
            escaped = yield
            writer.arguments("'" if escaped == "'" else "\\" + escaped)
        else:
            writer.arguments(json.dumps(character, ensure_ascii=False)[1:-1])
    writer.arguments('"')
