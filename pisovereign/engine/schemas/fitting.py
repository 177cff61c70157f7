"""Whether a value has a shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pisovereign.engine.schemas.shapes import (
    Anything,
    Decimal,
    Either,
    Flag,
    Items,
    Mapped,
    Members,
    Nothing,
    OneOf,
    Reference,
    Schema,
    Shape,
    Text,
    Whole,
)


def fits(value: Any, shape: Shape, schema: Schema) -> bool:
    """Return whether a value, as decoded from JSON, has a shape of this schema.

    Formats of strings are not looked at.
    """
    match shape:
        case Anything():
            return True
        case OneOf(values):
            written = msgspec.json.encode(value)
            return any(msgspec.json.encode(each) == written for each in values)
        case Text(least, most):
            return isinstance(value, str) and _within(len(value), least, most)
        case Whole(least, most):
            whole = isinstance(value, int) and not isinstance(value, bool)
            return whole and _within(value, least, most)
        case Decimal(least, most):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and _within(value, least, most)
        case Flag():
            return isinstance(value, bool)
        case Nothing():
            return value is None
        case Items():
            return isinstance(value, list) and _fits_items(value, shape, schema)
        case Members():
            return isinstance(value, dict) and _fits_members(value, shape, schema)
        case Mapped(each):
            return isinstance(value, dict) and all(fits(v, each, schema) for v in value.values())
        case Either(shapes):
            return any(fits(value, each, schema) for each in shapes)
        case Reference(name):
            return fits(value, schema.definitions[name], schema)


def _fits_items(values: list[Any], shape: Items, schema: Schema) -> bool:
    if not _within(len(values), shape.least, shape.most):
        return False
    first, more = values[: len(shape.first)], values[len(shape.first) :]
    if more and shape.rest is None:
        return False
    rest = shape.rest
    return all(fits(v, each, schema) for v, each in zip(first, shape.first, strict=False)) and all(
        fits(v, rest, schema) for v in more if rest is not None
    )


def _fits_members(values: Mapping[str, Any], shape: Members, schema: Schema) -> bool:
    known = {member.name: member for member in shape.members}
    return (
        values.keys() <= known.keys()
        and all(name in values for name, member in known.items() if member.required)
        and all(fits(value, known[name].shape, schema) for name, value in values.items())
    )


def _within(value: float, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)
