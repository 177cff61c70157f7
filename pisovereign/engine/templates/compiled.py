"""A template that is compiled once and rendered for each conversation.

Each mark in its own text is a placeholder when it is compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import jinja2

from pisovereign.engine.templates.functions import TemplateError
from pisovereign.engine.templates.meter import LimitExceeded
from pisovereign.engine.templates.placeholders import (
    MOST_MARKS,
    OwnText,
    Placeholders,
    without_placeholders,
)
from pisovereign.engine.templates.rewriting import rewrite
from pisovereign.engine.templates.sandbox import RoleName, Sandbox
from pisovereign.engine.templates.segments import Segment

# What a template can do wrong when it is parsed, compiled or rendered. Deep nesting ends in one of
# the last two; the parser of Python gives MemoryError for it.
_FAILURES = (
    TemplateError,
    LimitExceeded,
    jinja2.TemplateError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    SyntaxError,
    TypeError,
    ValueError,
    RecursionError,
    MemoryError,
)


class Unusable(Exception):
    """The template cannot be compiled, or not be rendered; the text says why."""


class CompiledTemplate:
    """A template of a model file.

    Args:
        source: its text.
        marks: texts of tokens that are placeholders where the template writes them.
        bos: what the template gets as `bos_token`.
        eos: what it gets as `eos_token`.
        added: further marks, which `own_text` may write.

    Attributes:
        marks: those that the template's text has in it.
        own_text: makes a text of ours that has marks; for the content of a message.

    Raises:
        Unusable: it is no template, exceeds a limit, or uses what is not allowed.
    """

    def __init__(
        self,
        source: str,
        marks: Collection[str],
        bos: str = "",
        eos: str = "",
        added: Collection[str] = (),
    ) -> None:
        self.marks = _used(source, marks, {bos, eos, *added})
        if len(self.marks) > MOST_MARKS:
            raise Unusable(f"the template has more than {MOST_MARKS} marks")
        self._placeholders = Placeholders(self.marks)
        self.own_text = self._placeholders.own_text
        literal = self._placeholders.literal
        self._environment = Sandbox(literal)
        self._constants = {"bos_token": literal(bos), "eos_token": literal(eos)}
        try:
            with self._environment.meter.rendering(len(source)):
                tree = rewrite(self._environment, without_placeholders(source), literal)
                code = self._environment.compile(tree)
                self._template = jinja2.Template.from_code(
                    self._environment, code, dict(self._environment.globals)
                )
        except _FAILURES as error:
            raise Unusable(_reason(error)) from error

    def render(self, variables: Mapping[str, Any]) -> list[Segment]:
        """Return what the template writes.

        Args:
            variables: what it is given: JSON values, in which a `RoleName` is a role.

        Raises:
            Unusable: it fails, or does more than a template has to.
        """
        size = _Size()
        try:
            given = {name: size.clean(value) for name, value in variables.items()}
            with self._environment.meter.rendering(size.characters):
                context = self._template.new_context(self._constants | given)
                text = self._environment.concat(self._template.root_render_func(context))
        except _FAILURES as error:
            raise Unusable(_reason(error)) from error
        return self._placeholders.split(text)


class _Size:
    """Takes placeholders out of values, and counts their characters."""

    def __init__(self) -> None:
        self.characters = 0

    def clean(self, value: Any) -> Any:
        if isinstance(value, RoleName | OwnText):
            self.characters += len(value)
            return value
        if isinstance(value, str):
            self.characters += len(value)
            return without_placeholders(value)
        if isinstance(value, dict):
            return {self.clean(key): self.clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(item) for item in value]
        return value


def _used(source: str, marks: Collection[str], constants: set[str]) -> list[str]:
    """Return the marks that the template may write: in one piece, or around the name of a role."""
    pieces = ("<|", "|>", "[", "]", "<", ">")
    around = any(f"'{piece}'" in source or f'"{piece}"' in source for piece in pieces)
    found = []
    for mark in sorted(marks):
        inner = mark.strip("<|>[]/")
        made = around and inner in ("system", "user", "assistant", "tool", "model")
        if mark and (mark in source or mark in constants or made):
            found.append(mark)
    return found


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()
    return text[0][:300] if text else type(error).__name__
