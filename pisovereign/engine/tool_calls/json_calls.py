"""Calls as JSON objects with name and arguments: Hermes, Granite, Mistral, Llama 3, bare JSON."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from pisovereign.engine.schemas.automaton import BLANK, Mark
from pisovereign.engine.schemas.rules import quoted
from pisovereign.engine.tool_calls.syntax import (
    MOST_CALLS,
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

# What may stand before an object that is a call: nothing, or the beginning of a code fence.
_FENCES = ("```json", "```")
_FENCE = quoted("```")
# As Qwen2.5's template shows it to the model, by mistake.
_DOUBLED = "{{"
_SOME_BLANKS = "[ \\n\\t]{0,40}"
# So many characters of names make an automaton that is not too large.
_MOST_NAMES = 4000


@dataclass(frozen=True, slots=True)
class JsonCalls:
    """Objects between marks.

    Attributes:
        opening: the mark that a call begins with; nothing: the object itself does.
        begin: what follows the mark.
        between: what stands between two calls; None: there is only one.
        end: what follows the last one.
        closing: the mark of the end, if there is one.
        key: what the arguments are called.
        fenced: whether an object without marks, perhaps in a code fence, is a call too.
        ignored: a mark that may stand before the object.
    """

    opening: str
    begin: str
    between: str | None
    end: str
    closing: str = ""
    key: str = "arguments"
    fenced: bool = False
    ignored: str = ""

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return tuple(mark for mark in (self.opening, self.closing, self.ignored) if mark)

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return the mark, and the beginnings of objects for each name."""
        triggers: list[Trigger] = []
        if self.opening:
            opened = after_blanks(self.opening)
            # A fence around the marks is no text either: where both end, the first counts.
            fenced = [Mark((BLANK, *each, *opened.parts)) for each in _FENCES if self.fenced]
            triggers += [MarkedObjects(self, mark) for mark in (*fenced, opened)]
        if self.fenced and sum(map(len, names)) <= _MOST_NAMES:
            for name in names:
                triggers += self._objects(name)
        return triggers

    def forced(self, context: GrammarContext) -> str:
        """Return an expression for calls alone."""
        if not self.opening:
            return self._calls(context)
        return f"{context.mark(self.opening)} {self._calls(context)}"

    def _objects(self, name: str) -> list[Trigger]:
        triggers: list[Trigger] = []
        for brace in ("{", _DOUBLED):
            head = [*_spaced(brace, '"name"', ":"), *f'"{name}"']
            marks = [Mark((BLANK, *head), at_start=True)]
            marks += [Mark((BLANK, *fence, BLANK, *head)) for fence in _FENCES]
            if self.ignored:
                marks.append(Mark((BLANK, *self.ignored, BLANK, *head), at_start=True))
            doubled = brace == _DOUBLED
            triggers += [BareObject(mark, name, self, doubled=doubled) for mark in marks]
        return triggers

    def _calls(self, context: GrammarContext) -> str:
        """Return an expression for what follows the mark."""
        call = context.any_call([self._object(context, each) for each in context.functions])
        begin, end = _literal(self.begin), _literal(self.end)
        if self.closing:
            end = f"{end} {context.mark(self.closing)}".strip()
        if self.between is None:
            return f"{begin} {call} {end}"
        if self.closing:  # marks around each call
            between = f"{end} {_literal(self.between)} {context.mark(self.opening)} {begin}"
        else:
            between = _literal(self.between)
        return f"{begin} {context.repeated(call, between)} {end}"

    def _object(self, context: GrammarContext, function: Function) -> str:
        head = f'{{"name": "{function.name}", "{self.key}": '
        return f'{quoted(head)} {context.json(function.schema)} "}}"'


class MarkedObjects:
    """The mark before one or several objects."""

    def __init__(self, syntax: JsonCalls, mark: Mark) -> None:
        self._syntax = syntax
        self.control = syntax.opening
        self.mark = mark

    def grammar(self, context: GrammarContext) -> str:
        """Return an expression for the objects."""
        return self._syntax._calls(context)

    def read(self, writer: CallWriter) -> Reading:
        """Read an object, or an array of them."""
        syntax = self._syntax
        character = yield from skip_blanks()
        many = character == "["
        if many:
            character = yield from skip_blanks()
        while True:
            yield from expect("{", character)
            yield from _object(writer, syntax.key)
            if not many:
                break
            character = yield from skip_blanks()
            if character == "]":
                break
            yield from expect(",", character)
            character = yield from skip_blanks()
        if syntax.closing:
            character = yield from skip_blanks()
            yield from expect(syntax.closing, character)


class BareObject:
    """An object without marks, up to the name of a function; further ones may follow it."""

    control: str | None = None

    def __init__(self, mark: Mark, name: str, syntax: JsonCalls, *, doubled: bool = False) -> None:
        self.mark = mark
        self._doubled = doubled
        self._name = name
        self._key = syntax.key
        self._several = bool(syntax.between)
        self._fenced = "`" in mark.parts

    def grammar(self, context: GrammarContext) -> str:
        """Return an expression for the arguments, and what may follow."""
        called = next(each for each in context.functions if each.name == self._name)
        blank = context.rules.add(_SOME_BLANKS)
        fence = f"({blank} {_FENCE})?" if self._fenced else ""
        first = self._arguments(context, called)
        if self._doubled:
            return f'{first} {blank} "}}"? {fence}'
        if not (self._several and context.parallel):
            return f"{first} {fence}"
        others = context.any_call(
            [
                f"{self._head(context, each)} {self._arguments(context, each)}"
                for each in context.functions
            ]
        )
        most = f"{{0,{MOST_CALLS - 1}}}"
        more = context.rules.add(f'({blank} ("," {blank})? {others}){most}')
        if not self._fenced:
            return f"{first} {more}"
        fences = " | ".join(map(quoted, _FENCES))
        again = context.rules.add(f"{blank} ({fences}) {blank} {others} {more} {blank} {_FENCE}")
        return f"{first} {more} ({blank} {_FENCE} {again}{most})?"

    def read(self, writer: CallWriter) -> Reading:
        """Read the arguments, what closes the object, and further ones."""
        writer.begin(self._name)
        yield from _arguments(writer, self._key)
        while True:
            character = yield from skip_blanks()
            if self._fenced and character == "`":
                yield from expect("``")
                return
            if self._doubled and character == "}":
                continue
            if character == ",":
                character = yield from skip_blanks()
            yield from expect("{", character)
            yield from _object(writer, self._key)

    def _head(self, context: GrammarContext, function: Function) -> str:
        blank = context.rules.add(_SOME_BLANKS)
        parts = ("{", '"name"', ":", f'"{function.name}"')
        return f" {blank} ".join(map(quoted, parts))

    def _arguments(self, context: GrammarContext, function: Function) -> str:
        blank = context.rules.add(_SOME_BLANKS)
        name = quoted(f'"{self._key}"')
        key = f'{blank} "," {blank} {name} {blank} ":" {blank}'
        return f'{key} {context.json(function.schema, free=True)} {blank} "}}"'


def _object(writer: CallWriter, key: str) -> Reading:
    """Read an object behind its brace."""
    character = yield from skip_blanks()
    yield from expect('"name"', character)
    yield from _sign(":")
    yield from _sign('"')
    writer.begin((yield from until('"')))
    yield from _arguments(writer, key)


def _arguments(writer: CallWriter, key: str) -> Reading:
    """Read what follows a name, up to the end of the object."""
    yield from _sign(",")
    yield from _sign(f'"{key}"')
    yield from _sign(":")
    character = yield from skip_blanks()
    yield from json_object(writer, character)
    yield from _sign("}")


def _sign(text: str) -> Reading:
    character = yield from skip_blanks()
    yield from expect(text, character)


def json_object(writer: CallWriter, character: str) -> Generator[None, str]:
    """Read a JSON object whose first character has been read, and hand it on as it is."""
    if character != "{":
        raise Malformed
    depth = 0
    while True:
        writer.arguments(character)
        if character in "{[":
            depth += 1
            if depth > MOST_DEPTH:
                raise Malformed
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return
        elif character == '"':
            yield from json_string(writer)
        character = yield


def json_string(writer: CallWriter) -> Reading:
    """Read a JSON string behind its first quote, and hand it on as it is."""
    while True:
        character = yield
        writer.arguments(character)
        if character == "\\":
            writer.arguments((yield))
        elif character == '"':
            return


def _spaced(*parts: str) -> list[str | None]:
    """Return the parts of a mark with blanks between them, and after the last."""
    return [each for part in parts for each in (*part, BLANK)]


def _literal(text: str) -> str:
    return quoted(text) if text else ""
