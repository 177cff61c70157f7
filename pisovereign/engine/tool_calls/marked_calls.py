"""The common part of notations whose calls all begin with one mark, and the simplest of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from pisovereign.engine.schemas.automaton import Mark
from pisovereign.engine.schemas.rules import quoted
from pisovereign.engine.tool_calls.json_calls import json_object
from pisovereign.engine.tool_calls.syntax import (
    CallWriter,
    GrammarContext,
    Reading,
    Trigger,
    after_blanks,
    expect,
    skip_blanks,
    until,
)


@dataclass(frozen=True, slots=True)
class MarkedCalls(ABC):
    """A notation in which each call begins with the same mark, and is read in the same way."""

    opening: str

    @property
    @abstractmethod
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return the mark."""
        del names
        return [_MarkTrigger(self)]

    def forced(self, context: GrammarContext) -> str:
        """Return an expression for calls alone."""
        return f"{context.mark(self.opening)} {self.after_mark(context)}"

    @abstractmethod
    def after_mark(self, context: GrammarContext) -> str:
        """Return an expression for the calls behind the first mark."""

    @abstractmethod
    def read(self, writer: CallWriter) -> Reading:
        """Read what follows the mark."""


class _MarkTrigger:
    """The mark that a call begins with."""

    def __init__(self, syntax: MarkedCalls) -> None:
        self.grammar, self.read = syntax.after_mark, syntax.read
        self.control: str | None = syntax.opening
        self.mark: Mark = after_blanks(syntax.opening)


@dataclass(frozen=True, slots=True)
class ArgsCalls(MarkedCalls):
    """A name, and JSON behind a second mark: `[TOOL_CALLS]name[ARGS]{...}`."""

    args: str

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks that may be control tokens."""
        return (self.opening, self.args)

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
