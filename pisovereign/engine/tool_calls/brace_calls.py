"""Gemma's calls: `call:name{city:<|"|>Rome<|"|>,days:3}` between marks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pisovereign.engine.schemas.automaton import Automaton, plain
from pisovereign.engine.schemas.notation import Notation, counts, formatted
from pisovereign.engine.schemas.rules import characters_of, quoted
from pisovereign.engine.schemas.shapes import Mapped, Schema, Text
from pisovereign.engine.tool_calls.bare_names import (
    BARE,
    BARE_NAME,
    Unwritable,
    ValueReading,
    bare_members,
    bare_value,
    separated,
    text_until,
)
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

_WORDS = {"true": "true", "false": "false", "null": "null", "None": "null"}


@dataclass(frozen=True, slots=True)
class BraceCalls(MarkedCalls):
    """Gemma's notation: `call:name{city:<|"|>Rome<|"|>,days:3}` between marks."""

    closing: str
    quote: str

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, self.closing, self.quote)

    def after_mark(self, context: GrammarContext) -> str:
        """Return an expression for the calls behind the first mark."""
        call = context.any_call([self._call(context, each) for each in context.functions])
        closed = context.rules.add(f"{call} {context.mark(self.closing)}")
        return context.repeated(closed, context.mark(self.opening))

    def _call(self, context: GrammarContext, function: Function) -> str:
        notation = BraceNotation(context, function.schema, self.quote)
        return f"{quoted('call:' + function.name)} {notation.arguments(function)}"

    def read(self, writer: CallWriter) -> Reading:
        """Read one call."""
        character = yield from skip_blanks()
        yield from expect("call:", character)
        writer.begin((yield from until("{")))
        yield from _brace_object(writer, self.quote)
        character = yield from skip_blanks()
        yield from expect(self.closing, character)


class BraceNotation(Notation):
    """Values with bare names, and strings between marks, in which nothing is escaped."""

    def __init__(self, context: GrammarContext, schema: Schema, quote: str) -> None:
        super().__init__(context.rules, schema, forbidden=tuple(context.controls))
        self.comma, self.colon = '","', '":"'
        self._quote = context.mark(quote)
        self._ends_text = quote
        self._controlled = quote in context.controls

    def arguments(self, function: Function) -> str:
        """Return an expression for the braces and what is in them."""
        members = bare_members(function)
        if isinstance(members, Mapped):
            return self.value(members)
        return self.object(members.members)

    def name(self, name: str) -> str:
        """Return how the name of a member is written."""
        if not BARE.fullmatch(name):
            raise Unwritable(name)
        return name

    def any_name(self) -> str:
        """Return an expression for any name of a member."""
        return BARE_NAME

    def literal(self, value: Any) -> str:
        """Return an expression for one value."""
        match value:
            case str():
                if self._ends_text in value:
                    raise Unwritable(value)
                return f"{self._quote} {quoted(value)} {self._quote}"
            case list():
                return f'"[" {self._joined([self.literal(each) for each in value])} "]"'
            case dict():
                pairs = [
                    f"{quoted(self.name(k) + ':')} {self.literal(v)}" for k, v in value.items()
                ]
                return f'"{{" {self._joined(pairs)} "}}"'
            case _:
                return quoted(json.dumps(value))

    def text(self, shape: Text) -> str:
        """Return an expression for a string."""
        if shape.form is not None:
            return f"{self._quote} {formatted(shape.form)} {self._quote}"
        if shape.least or shape.most is not None:
            firsts = {mark[0] for mark in (*self.forbidden, self._ends_text)}
            one = f"[^\\x00{characters_of(''.join(sorted(firsts)))}]"
            return f"{self._quote} {one}{counts(shape.least, shape.most)} {self._quote}"
        if self._controlled:
            body = self.rules.without(
                self.forbidden, excluded="\\x00", escape=None, end=self._quote
            )
            return f"{self._quote} {body}"
        rest = self.rules.once(("up to", self._ends_text), self._up_to_quote)
        return f"{self._quote} {rest}"

    def _up_to_quote(self) -> str:
        automaton = Automaton([plain(self._ends_text)])
        return self.rules.automaton(automaton, automaton.start, lambda _: '""', others=lambda _: [])

    def _joined(self, parts: list[str]) -> str:
        return f" {self.comma} ".join(parts) or '""'


def _brace_object(writer: CallWriter, quote: str, depth: int = 0) -> Reading:
    """Read members behind their brace."""

    def member(character: str) -> ValueReading:
        name = (character + (yield from until(":"))).strip()
        writer.arguments(f"{json.dumps(name)}: ")
        return (yield from _brace_value(writer, quote, (yield from skip_blanks()), depth))

    writer.arguments("{")
    yield from separated(writer, "}", member)
    writer.arguments("}")


def _brace_value(writer: CallWriter, quote: str, character: str, depth: int) -> ValueReading:
    """Read a value whose first character was read, and return what follows it."""
    if depth > MOST_DEPTH:
        raise Malformed
    if character == quote[0]:
        yield from expect(quote[1:])
        writer.arguments('"')
        yield from text_until(writer, quote)
        writer.arguments('"')
    elif character == "[":
        writer.arguments("[")
        yield from separated(
            writer, "]", lambda character: _brace_value(writer, quote, character, depth + 1)
        )
        writer.arguments("]")
    elif character == "{":
        yield from _brace_object(writer, quote, depth + 1)
    else:
        return (yield from bare_value(writer, character, _WORDS))
    return (yield from skip_blanks())
