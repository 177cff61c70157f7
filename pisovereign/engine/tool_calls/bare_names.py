"""Values behind names without quotes, as several notations of calls write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.shapes import Mapped, Members
from pisovereign.engine.tool_calls.syntax import (
    CallWriter,
    Function,
    Malformed,
    Reading,
    skip_blanks,
)

BARE = re.compile(r"[A-Za-z0-9_.$-]+")
BARE_NAME = "[A-Za-z0-9_.$-]{1,64}"
_MOST_BARE = 40
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")

ValueReading = Generator[None, str, str]
"""Reads a value, and returns the character that follows it."""


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
            if not BARE.fullmatch(member.name):
                raise Unwritable(member.name)
    return shape


def separated(writer: CallWriter, end: str, item: Callable[[str], ValueReading]) -> Reading:
    """Read items between commas behind their bracket, up to the one that ends them.

    Args:
        writer: takes a comma between them.
        end: the bracket.
        item: reads one whose first character was read.
    """
    character = yield from skip_blanks()
    first = True
    while character != end:
        if not first:
            if character != ",":
                raise Malformed
            writer.arguments(", ")
            character = yield from skip_blanks()
        first = False
        character = yield from item(character)


def bare_value(writer: CallWriter, character: str, words: dict[str, str]) -> ValueReading:
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
