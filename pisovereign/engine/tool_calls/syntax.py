"""The parts of a notation of calls: how one begins, its grammar, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pisovereign.engine.schemas.automaton import BLANK, Mark
from pisovereign.engine.schemas.notation import Notation
from pisovereign.engine.schemas.rules import Rules, quoted
from pisovereign.engine.schemas.shapes import Schema

MOST_CALLS = 8
"""Calls in one answer: a model that goes round in circles ends."""

MOST_DEPTH = 64
"""Lists and objects within one another in arguments: reading them takes a level of Python each."""

_MOST_NAME = 256  # characters

Reading = Generator[None, str]
"""Reads a call, character by character; it ends with the call."""


class Malformed(Exception):
    """Text that is none of the notation."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function that may be called.

    Attributes:
        name: what it is called.
        schema: what its arguments are: a shape of objects.
    """

    name: str
    schema: Schema


class CallWriter(Protocol):
    """Takes the calls that are read."""

    def begin(self, name: str) -> None:
        """Begin a call."""

    def arguments(self, text: str) -> None:
        """Take more of its arguments, as JSON text."""


class GrammarContext:
    """The context for writing the grammars of calls.

    Args:
        functions: those that may be called.
        controls: ids of the marks that are control tokens in this vocabulary, by their text.
        parallel: whether an answer may make several calls.
    """

    def __init__(
        self, functions: Sequence[Function], controls: Mapping[str, int], *, parallel: bool
    ) -> None:
        self.rules = Rules()
        self.functions = tuple(functions)
        self.controls = controls
        self.parallel = parallel

    def mark(self, text: str) -> str:
        """Return an expression for a mark: its control token, or else its text."""
        token = self.controls.get(text)
        return quoted(text) if token is None else f"<[{token}]>"

    def sequence(self, text: str) -> str:
        """Return an expression for text in which names of control tokens stand for those."""
        names = sorted(self.controls, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, names))})", text) if names else [text]
        return " ".join(self.mark(part) for part in parts if part)

    def json(self, schema: Schema, *, free: bool = False) -> str:
        """Return an expression for arguments in JSON."""
        notation = Notation(self.rules, schema, forbidden=tuple(self.controls), free=free)
        return self.rules.add(notation.value(schema.shape))

    def any_call(self, calls: Sequence[str]) -> str:
        """Return an expression for one of these calls."""
        return self.rules.add(" | ".join(calls))

    def repeated(self, call: str, between: str) -> str:
        """Return an expression for a call and perhaps further ones."""
        return f"{call} ({between} {call}){{0,{MOST_CALLS - 1}}}" if self.parallel else call


class CallSyntax(Protocol):
    """One notation."""

    @property
    def marks(self) -> tuple[str, ...]:
        """Return marks that are control tokens in some vocabularies."""

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return what a call begins with in the middle of text."""

    def forced(self, context: GrammarContext) -> str:
        """Return an expression for calls where nothing else may be written."""


class Trigger(Protocol):
    """How a call may begin."""

    mark: Mark

    @property
    def control(self) -> str | None:
        """Return the text of the mark, if it is a control token in some vocabularies."""

    def grammar(self, context: GrammarContext) -> str:
        """Return an expression for what follows the mark, up to the end of the answer."""

    def read(self, writer: CallWriter) -> Reading:
        """Return what reads that which follows the mark, up to the end of a call."""


def after_blanks(text: str) -> Mark:
    """Return a mark that takes the blanks before it along."""
    return Mark((BLANK, *text))


def skip_blanks() -> Generator[None, str, str]:
    """Read blanks, and return the first other character."""
    while (character := (yield)).isspace():
        pass
    return character


def expect(text: str, first: str | None = None) -> Reading:
    """Read a given text, whose first character may have been read already."""
    for at, wanted in enumerate(text):
        character = first if at == 0 and first is not None else (yield)
        if character != wanted:
            raise Malformed


def until(end: str) -> Generator[None, str, str]:
    """Read up to a character, and return what came before it: a name."""
    taken: list[str] = []
    while (character := (yield)) != end:
        taken.append(character)
        if len(taken) > _MOST_NAME:
            raise Malformed
    return "".join(taken)
