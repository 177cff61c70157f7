"""Commands as a state keeps them: by the name of their type, in values of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from pisovereign.actions.registry import COMMANDS, spec_of_kind
from pisovereign.actions.types import Command
from pisovereign.dialogue.types import Item, Question

_TYPES: Mapping[str, type[msgspec.Struct]] = {spec.type_name: spec.type for spec in COMMANDS}


def type_named(name: str) -> type[msgspec.Struct] | None:
    """Return the struct of a command by its name; None: there is none."""
    return _TYPES.get(name)


def arguments_of(command: msgspec.Struct) -> dict[str, Any]:
    """Return the arguments of a command, as JSON has them."""
    given: dict[str, Any] = msgspec.to_builtins(command)
    return {name: value for name, value in given.items() if name != "type"}


def complete(question: Question, **more: object) -> Command | None:
    """Return the command that a question is about, with further arguments.

    None: it lacks one, or one of them is none that it can have.
    """
    kind = type_named(question.type)
    if kind is None:
        return None
    values = {"type": question.type, **question.known, **msgspec.to_builtins(more)}
    try:
        return cast("Command", msgspec.convert(values, kind))
    except msgspec.ValidationError:
        return None


def chosen(question: Question, item: Item) -> Command | None:
    """Return the command about one of several things that its words fit."""
    kind = type_named(question.type)
    spec = None if kind is None else spec_of_kind(kind)
    by = None if spec is None else spec.chosen_by
    if by is None or item.id is None:
        return None
    known = {key: value for key, value in question.known.items() if key not in by.instead_of}
    value = (item.id,) if by.several else item.id
    return complete(msgspec.structs.replace(question, known=known), **{by.argument: value})


def confirmed(question: Question) -> Command | None:
    """Return a command that was asked back for, as one that is meant."""
    kind = type_named(question.type)
    if kind is not None and "confirmed" in kind.__struct_fields__:
        return complete(question, confirmed=True)
    return complete(question)
