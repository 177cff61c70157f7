"""Commands as a state keeps them: by the name of their type, in values of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import msgspec

from pisovereign.actions.types import Command, ControlHome, DraftEmail, HomeState, SendEmail
from pisovereign.dialogue.types import Item, Question

_TYPES: Mapping[str, type[msgspec.Struct]] = {kind.__name__: kind for kind in get_args(Command)}
_BY_ID = ("reminder_id", "event_id", "task_id", "contact_id", "memory_id")
# Of several addresses that a name may mean, one takes the place of the name.
_BY_ADDRESS = (SendEmail, DraftEmail)
# Of several things of a house, one takes the place of all words for them.
_BY_NAMES = (ControlHome, HomeState)
_OF_A_HOUSE = ("names", "areas", "kind")
_BY_WORDS = ("about", "at", "kind", "day", "days")


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
    if kind is None:
        return None
    if kind in _BY_NAMES and item.id is not None:
        other = {key: value for key, value in question.known.items() if key not in _OF_A_HOUSE}
        return complete(msgspec.structs.replace(question, known=other), names=(item.id,))
    name = next((name for name in _BY_ID if name in kind.__struct_fields__), None)
    if kind in _BY_ADDRESS:
        name = "to"
    if name is None or item.id is None:
        return None
    known = {key: value for key, value in question.known.items() if key not in _BY_WORDS}
    return complete(msgspec.structs.replace(question, known=known), **{name: item.id})


def confirmed(question: Question) -> Command | None:
    """Return a command that was asked back for, as one that is meant."""
    kind = type_named(question.type)
    if kind is not None and "confirmed" in kind.__struct_fields__:
        return complete(question, confirmed=True)
    return complete(question)
