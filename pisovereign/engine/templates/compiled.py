"""A template that is compiled once and rendered for each conversation.

Each mark, a token that means something to the model, is a placeholder in the compiled template: a
noncharacter of Unicode, which is taken out of all that is given to it. So a placeholder in what it
writes comes from the template's own text, whatever its filters cut off, replace or put together;
and all the rest is text, also where it looks like a mark.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import jinja2

from pisovereign.engine.templates.functions import TemplateError
from pisovereign.engine.templates.meter import LimitExceeded
from pisovereign.engine.templates.rewriting import rewrite
from pisovereign.engine.templates.sandbox import OwnText, RoleName, Sandbox
from pisovereign.engine.templates.segments import Segment, Special

_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)] + [
    chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)
]
_PLACEHOLDER = re.compile(f"([{''.join(_NONCHARACTERS)}])")

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
        # The longest first: one may begin with another. Those that stand apart in the source, as
        # `<|` and `|>` do around a role, are known by their parts.
        known = sorted(marks, key=lambda mark: (-len(mark), mark))
        self.marks = _used(source, known, {bos, eos, *added})
        if len(self.marks) > len(_NONCHARACTERS):
            raise Unusable(f"the template has more than {len(_NONCHARACTERS)} marks")
        self._placeholders = dict(zip(self.marks, _NONCHARACTERS, strict=False))
        self._texts = {char: Special(mark) for mark, char in self._placeholders.items()}
        self._pattern = re.compile("|".join(map(re.escape, self.marks))) if self.marks else None
        self._environment = Sandbox(self._literal)
        self._constants = {"bos_token": self._literal(bos), "eos_token": self._literal(eos)}
        try:
            with self._environment.meter.rendering(len(source)):
                tree = rewrite(self._environment, _PLACEHOLDER.sub("", source), self._literal)
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
        given = {name: size.clean(value) for name, value in variables.items()}
        try:
            with self._environment.meter.rendering(size.characters):
                context = self._template.new_context(self._constants | given)
                text = self._environment.concat(self._template.root_render_func(context))
        except _FAILURES as error:
            raise Unusable(_reason(error)) from error
        return self._split(text)

    def own_text(self, pattern: str, *texts: str) -> OwnText:
        """Return a text of ours, in which there may be marks, with a text of others for each `{}`.

        In those no mark is one. It is for what a template gets as the content of a message.
        """
        clean = [t if isinstance(t, OwnText) else _PLACEHOLDER.sub("", t) for t in texts]
        return OwnText(self._literal(pattern).format(*clean))

    def _literal(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._placeholders[found[0]], text)

    def _split(self, text: str) -> list[Segment]:
        pieces = _PLACEHOLDER.split(text)
        return [self._texts.get(piece, piece) for piece in pieces if piece]


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
            return _PLACEHOLDER.sub("", value) if not value.isascii() else str(value)
        if isinstance(value, dict):
            return {self.clean(key): self.clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(item) for item in value]
        return value


def _used(source: str, marks: list[str], constants: set[str]) -> list[str]:
    """Return the marks that the template may write: in one piece, or around the name of a role."""
    pieces = ("<|", "|>", "[", "]", "<", ">")
    around = any(f"'{piece}'" in source or f'"{piece}"' in source for piece in pieces)
    found = []
    for mark in marks:
        inner = mark.strip("<|>[]/")
        made = around and inner in ("system", "user", "assistant", "tool", "model")
        if mark and (mark in source or mark in constants or made):
            found.append(mark)
    return found


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()
    return text[0][:300] if text else type(error).__name__
