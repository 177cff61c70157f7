"""Calls with a tag for each argument, as Qwen3-Coder and Qwen3.5 write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from pisovereign.engine.schemas.automaton import Automaton, plain
from pisovereign.engine.schemas.fitting import fits
from pisovereign.engine.schemas.notation import Notation, counts, formatted
from pisovereign.engine.schemas.rules import quoted
from pisovereign.engine.schemas.shapes import (
    Anything,
    Either,
    Mapped,
    Member,
    OneOf,
    Reference,
    Schema,
    Shape,
    Text,
)
from pisovereign.engine.tool_calls.bare_names import Unwritable, bare_members, escaped, text_until
from pisovereign.engine.tool_calls.marked_calls import MarkedCalls
from pisovereign.engine.tool_calls.syntax import (
    CallWriter,
    Function,
    GrammarContext,
    Malformed,
    Reading,
    expect,
    skip_blanks,
    until,
)

TAG, _CLOSING = "<tool_call>", "</tool_call>"
_END_VALUE = "\n</parameter>"


@dataclass(frozen=True, slots=True)
class TaggedCalls(MarkedCalls):
    """Function and arguments in tags; strings as they are, everything else as JSON.

    Attributes:
        functions: those that may be called: what an argument is tells how its text is read.
    """

    functions: tuple[Function, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, _CLOSING)

    def after_mark(self, context: GrammarContext) -> str:
        """Return an expression for calls behind the first tag."""
        call = context.any_call([self._call(context, each) for each in context.functions])
        end = f'"\\n" {context.mark(_CLOSING)}'
        between = f'{end} "\\n" {context.mark(self.opening)} "\\n"'
        return f'"\\n" {context.repeated(call, between)} {end}'

    def _call(self, context: GrammarContext, function: Function) -> str:
        notation = TaggedNotation(context, function.schema)
        begin = quoted(f"<function={function.name}>\n")
        return f"{begin} {notation.arguments(function)} {quoted('</function>')}"

    def read(self, writer: CallWriter) -> Reading:
        """Read one call."""
        character = yield from skip_blanks()
        yield from expect("<function=", character)
        name = yield from until(">")
        shapes = self._shapes(name)
        writer.begin(name)
        writer.arguments("{")
        first = True
        while True:
            character = yield from skip_blanks()
            yield from expect("<", character)
            character = yield
            if character == "/":
                break
            yield from expect("parameter=", character)
            key = yield from until(">")
            writer.arguments(f"{'' if first else ', '}{json.dumps(key)}: ")
            first = False
            yield from expect("\n")
            yield from self._value(writer, shapes.get(key))
        yield from expect("function>")
        writer.arguments("}")
        character = yield from skip_blanks()
        yield from expect(_CLOSING, character)

    def _shapes(self, name: str) -> dict[str, tuple[Shape, Schema]]:
        for function in self.functions:
            if function.name == name:
                members = bare_members(function)
                if isinstance(members, Mapped):
                    return {}
                return {m.name: (m.shape, function.schema) for m in members.members}
        return {}

    def _value(self, writer: CallWriter, known: tuple[Shape, Schema] | None) -> Reading:
        kinds = kinds_of(*known) if known else {True, False}
        if kinds == {True}:
            writer.arguments('"')
            yield from text_until(writer, _END_VALUE)
            writer.arguments('"')
            return
        taken = _Taken()
        yield from text_until(taken, _END_VALUE)
        text: str = json.loads(f'"{"".join(taken.pieces)}"')
        # What could be a string as well is one only if it is nothing else that is allowed.
        if _is_other(text, known):
            writer.arguments(text.strip())
        elif True in kinds:
            writer.arguments(f'"{escaped(text)}"')
        else:
            raise Malformed


def _is_other(text: str, known: tuple[Shape, Schema] | None) -> bool:
    """Return whether a text is JSON of an allowed value that is no string."""
    try:
        value: Any = msgspec.json.decode(text)
        return not isinstance(value, str) and (known is None or fits(value, *known))
    except msgspec.DecodeError:
        return False
    except RecursionError:
        raise Malformed from None


class _Taken:
    """Keeps what is read."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def begin(self, name: str) -> None:
        """Do nothing: there is no call in a value."""

    def arguments(self, text: str) -> None:
        self.pieces.append(text)


class TaggedNotation(Notation):
    """Arguments in tags."""

    def __init__(self, context: GrammarContext, schema: Schema) -> None:
        super().__init__(context.rules, schema, forbidden=tuple(context.controls))
        self._schema = schema

    def arguments(self, function: Function) -> str:
        """Return an expression for all arguments."""
        members = bare_members(function)
        if isinstance(members, Mapped):
            name = "[A-Za-z0-9_.-]{1,64}"
            value = self._raw(members.shape)
            one = self.rules.add(f'"<parameter=" {name} {quoted(">" + chr(10))} {value}')
            return f"({one})*"
        return self.listed(members.members, self._argument, '""') or '""'

    def _argument(self, member: Member) -> str:
        begin = quoted(f"<parameter={member.name}>\n")
        return f"{begin} {self._raw(member.shape)}"

    def _raw(self, shape: Shape) -> str:
        """Return an expression for a value with the tag that ends it."""
        end = quoted(_END_VALUE + "\n")
        kinds = kinds_of(shape, self._schema)
        if True not in kinds:
            return f"{self.value(shape)} {end}"
        match shape:
            case Text(form=str(form)):
                return f"{formatted(form)} {end}"
            case Text(least=least, most=most) if least or most is not None:
                return f"[^\\x00<]{counts(least, most)} {end}"
            case OneOf(values):
                raw = [v if isinstance(v, str) else self.written(v) for v in values]
                if wrong := next((text for text in raw if _END_VALUE in text), None):
                    raise Unwritable(wrong)
                return f"{self.rules.add(' | '.join(map(quoted, raw)))} {end}"
            case Text():
                return self._any_text()
            case Either(shapes):
                # Words of other kinds may stand for those kinds: what is read is the same.
                return self.rules.add(" | ".join(self._raw(each) for each in shapes))
            case _:
                return self._any_text() if kinds == {True, False} else f"{self.value(shape)} {end}"

    def _any_text(self) -> str:
        def write() -> str:
            automaton = Automaton([plain(_END_VALUE), *map(plain, self.forbidden)])
            return self.rules.automaton(
                automaton,
                automaton.start,
                lambda mark: quoted("\n") if mark == 0 else None,
                others=lambda _: [],
            )

        return self.rules.once(("raw", self.forbidden), write)


def kinds_of(shape: Shape, schema: Schema) -> set[bool]:
    """Return whether values of a shape are strings, are not, or can be both."""
    return _kinds(shape, schema, set()) or {True, False}


def _kinds(shape: Shape, schema: Schema, seen: set[str]) -> set[bool]:
    """Return the same, without what is known already of the definitions in `seen`."""
    match shape:
        case Text():
            return {True}
        case OneOf(values):
            return {isinstance(value, str) for value in values}
        case Either(shapes):
            return {kind for each in shapes for kind in _kinds(each, schema, seen)}
        case Reference(name):
            if name in seen:
                return set()
            seen.add(name)
            return _kinds(schema.definitions[name], schema, seen)
        case Anything():
            return {True, False}
        case _:
            return {False}
