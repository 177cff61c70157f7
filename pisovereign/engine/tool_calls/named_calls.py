"""Calls that begin with a function's name: with JSON behind it, as Python, or in braces."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.automaton import Automaton, Mark, plain
from pisovereign.engine.schemas.notation import Notation, counts, formatted
from pisovereign.engine.schemas.rules import characters_of, quoted
from pisovereign.engine.schemas.shapes import Mapped, Member, Members, Schema, Text
from pisovereign.engine.tool_calls.json_calls import json_object, json_string
from pisovereign.engine.tool_calls.syntax import (
    MOST_DEPTH,
    CallWriter,
    Function,
    GrammarContext,
    Malformed,
    Reading,
    Trigger,
    after_blanks,
    expect,
    skip_blanks,
    until,
)

_BARE = re.compile(r"[A-Za-z0-9_.$-]+")
_BARE_NAME = "[A-Za-z0-9_.$-]{1,64}"
_MOST_BARE = 40


class _MarkTrigger:
    """The mark of a notation in which each call is read in the same way."""

    def __init__(self, syntax: ArgsCalls | PythonCalls | BraceCalls) -> None:
        self._syntax = syntax
        self.control = syntax.opening
        self.mark: Mark = after_blanks(syntax.opening)

    def grammar(self, context: GrammarContext) -> str:
        """Return an expression for what follows the mark."""
        return self._syntax.after_mark(context)

    def read(self, writer: CallWriter) -> Reading:
        """Read what follows the mark."""
        return self._syntax.read(writer)


@dataclass(frozen=True, slots=True)
class ArgsCalls:
    """A name, and JSON behind a second mark: `[TOOL_CALLS]name[ARGS]{...}`."""

    opening: str
    args: str

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, self.args)

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return the mark."""
        del names
        return [_MarkTrigger(self)]

    def forced(self, context: GrammarContext) -> str:
        """Return an expression for calls alone."""
        return f"{context.mark(self.opening)} {self.after_mark(context)}"

    def after_mark(self, context: GrammarContext) -> str:
        """Return an expression for the calls behind the first mark."""
        args = context.mark(self.args)
        call = context.any_call(
            [f"{quoted(f.name)} {args} {context.json(f.schema)}" for f in context.functions]
        )
        return context.repeated(call, context.mark(self.opening))

    def read(self, writer: CallWriter) -> Reading:
        """Read one call."""
        name = yield from until(self.args[0])
        yield from expect(self.args[1:])
        writer.begin(name.strip())
        character = yield from skip_blanks()
        yield from json_object(writer, character)


@dataclass(frozen=True, slots=True)
class PythonCalls:
    """A list of Python calls between marks: `[name(city="Rome", days=3)]`."""

    opening: str
    closing: str

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, self.closing)

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return the mark."""
        del names
        return [_MarkTrigger(self)]

    def forced(self, context: GrammarContext) -> str:
        """Return an expression for calls alone."""
        return f"{context.mark(self.opening)} {self.after_mark(context)}"

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
            one = self.rules.add(f'{_BARE_NAME} "=" {self.value(members.shape)}')
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


@dataclass(frozen=True, slots=True)
class BraceCalls:
    """Gemma's notation: `call:name{city:<|"|>Rome<|"|>,days:3}` between marks."""

    opening: str
    closing: str
    quote: str

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, self.closing, self.quote)

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return the mark."""
        del names
        return [_MarkTrigger(self)]

    def forced(self, context: GrammarContext) -> str:
        """Return an expression for calls alone."""
        return f"{context.mark(self.opening)} {self.after_mark(context)}"

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
        if not _BARE.fullmatch(name):
            raise Unwritable(name)
        return name

    def any_name(self) -> str:
        """Return an expression for any name of a member."""
        return _BARE_NAME

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


class Unwritable(Exception):
    """The name of an argument, or one of its values, that the notation cannot hold."""


def bare_members(function: Function) -> Members | Mapped:
    """Return a function's arguments, for a notation in which their names stand bare.

    Raises:
        InvalidRequest: they are something else than names with values.
        Unwritable: one of the names could not be told from what surrounds it.
    """
    shape = function.schema.shape
    if not isinstance(shape, Members | Mapped):
        raise InvalidRequest(f"{function.name}: a choice among schemas of all arguments")
    if isinstance(shape, Members):
        for member in shape.members:
            if not _BARE.fullmatch(member.name):
                raise Unwritable(member.name)
    return shape


def _python_arguments(writer: CallWriter) -> Reading:
    """Read arguments behind their parenthesis."""
    writer.arguments("{")
    first = True
    character = yield from skip_blanks()
    while character != ")":
        if not first:
            if character != ",":
                raise Malformed
            writer.arguments(", ")
            character = yield from skip_blanks()
        first = False
        name = (character + (yield from until("="))).strip()
        writer.arguments(f"{json.dumps(name)}: ")
        character = yield from _python_value(writer, (yield from skip_blanks()))
    writer.arguments("}")


def _python_value(writer: CallWriter, character: str, depth: int = 0) -> Generator[None, str, str]:
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
        return (yield from _bare(writer, character, _PYTHON_WORDS))
    return (yield from skip_blanks())


def _python_items(writer: CallWriter, end: str, depth: int) -> Reading:
    """Read a list or a dictionary behind its bracket."""
    writer.arguments("[" if end == "]" else "{")
    character = yield from skip_blanks()
    first = True
    while character != end:
        if not first:
            if character != ",":
                raise Malformed
            writer.arguments(", ")
            character = yield from skip_blanks()
        first = False
        character = yield from _python_value(writer, character, depth)
        if end == "}":
            yield from expect(":", character)
            writer.arguments(": ")
            character = yield from _python_value(writer, (yield from skip_blanks()), depth)
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


_PYTHON_WORDS = {"True": "true", "False": "false", "None": "null"}
_WORDS = {"true": "true", "false": "false", "null": "null", "None": "null"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def _bare(writer: CallWriter, character: str, words: dict[str, str]) -> Generator[None, str, str]:
    """Read a number or a word, and return the character that ends it."""
    taken = ""
    while character not in ",)]}:" and not character.isspace():
        taken += character
        if len(taken) > _MOST_BARE:
            raise Malformed
        character = yield
    word = words.get(taken) or (taken if _NUMBER.fullmatch(taken) else None)
    if word is None:
        raise Malformed
    writer.arguments(word)
    return (yield from skip_blanks()) if character.isspace() else character


def _brace_object(writer: CallWriter, quote: str, depth: int = 0) -> Reading:
    """Read members behind their brace."""
    writer.arguments("{")
    character = yield from skip_blanks()
    first = True
    while character != "}":
        if not first:
            if character != ",":
                raise Malformed
            writer.arguments(", ")
            character = yield from skip_blanks()
        first = False
        name = (character + (yield from until(":"))).strip()
        writer.arguments(f"{json.dumps(name)}: ")
        character = yield from _brace_value(writer, quote, (yield from skip_blanks()), depth)
    writer.arguments("}")


def _brace_value(
    writer: CallWriter, quote: str, character: str, depth: int
) -> Generator[None, str, str]:
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
        character = yield from skip_blanks()
        first = True
        while character != "]":
            if not first:
                if character != ",":
                    raise Malformed
                writer.arguments(", ")
                character = yield from skip_blanks()
            first = False
            character = yield from _brace_value(writer, quote, character, depth + 1)
        writer.arguments("]")
    elif character == "{":
        yield from _brace_object(writer, quote, depth + 1)
    else:
        return (yield from _bare(writer, character, _WORDS))
    return (yield from skip_blanks())


def text_until(writer: CallWriter, end: str) -> Reading:
    """Read text up to a mark, and hand it on as the inside of a JSON string."""
    held = ""
    while True:
        held += yield
        if held.endswith(end):
            writer.arguments(escaped(held.removesuffix(end)))
            return
        keep = next(
            n for n in range(min(len(held), len(end) - 1), -1, -1) if held.endswith(end[:n])
        )
        cut = len(held) - keep
        if cut:
            writer.arguments(escaped(held[:cut]))
            held = held[cut:]


def escaped(text: str) -> str:
    """Return text as the inside of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
