"""The texts of a command in the one form in which they are shown, approved and carried out."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from pisovereign.errors import FieldError, ValidationFailed
from pisovereign.text.canonical import canonical

C = TypeVar("C", bound=msgspec.Struct)


def canonical_command(command: C) -> C:
    """Return the command with every text in its canonical form.

    Arguments of programs, which are dictionaries, stay as they are: the catalog refuses what could
    hide there.

    Raises:
        ValidationFailed: Nothing visible is left of a text.
    """
    errors: list[FieldError] = []
    changed = _struct(command, "", errors)
    if errors:
        raise ValidationFailed(errors)
    return changed


def _struct(value: C, path: str, errors: list[FieldError]) -> C:
    fields = {
        name: _value(getattr(value, name), f"{path}{name}", errors)
        for name in value.__struct_fields__
    }
    return msgspec.structs.replace(value, **fields)


def _value(value: Any, path: str, errors: list[FieldError]) -> Any:
    if isinstance(value, str):
        text = canonical(value)
        if value.strip() and not text.strip():
            errors.append({"field": path, "error": "cannot hold only invisible characters"})
        return text
    if isinstance(value, list | tuple):
        items = [_value(item, f"{path}[{number}]", errors) for number, item in enumerate(value)]
        return type(value)(items) if type(value) in (list, tuple) else value
    if isinstance(value, msgspec.Struct):
        return _struct(value, f"{path}.", errors)
    return value
