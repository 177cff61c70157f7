"""Parameters of a URL, read into a struct."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, TypeVar

import falcon.asgi
import msgspec
from msgspec import Meta

from pisovereign.errors import BadRequest
from pisovereign.validation import number_fields, validate

LARGEST_OFFSET = (1 << 31) - 1
S = TypeVar("S", bound=msgspec.Struct)
_WHOLE = re.compile(r"-?[0-9]{1,15}")
# Every number that a response holds can be sent back: up to 17 digits, small ones with an exponent.
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")


class PageQuery(msgspec.Struct, frozen=True):
    """Which part of a list is asked for."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=LARGEST_OFFSET)] = 0


def read_query(req: falcon.asgi.Request, struct: type[S]) -> S:
    """Return the parameters that `struct` has; others are ignored.

    Raises:
        BadRequest: A parameter that must be a number is none.
        ValidationFailed: Names every parameter that breaks a rule.
    """
    numbers = number_fields(struct)
    values: dict[str, object] = {}
    for name, encoded in _names(struct):
        text = req.get_param(encoded)
        if text is not None:
            kind = numbers.get(encoded)
            values[encoded] = text if kind is None else _number(name, text, kind)
    return validate(values, struct)


@cache
def _names(struct: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Return the fields of `struct`, and how each is called in a URL; to ask takes long."""
    return tuple((each.name, each.encode_name) for each in msgspec.structs.fields(struct))


def _number(name: str, text: str, kind: type[int] | type[float]) -> float:
    if not (_WHOLE if kind is int else _DECIMAL).fullmatch(text):
        raise BadRequest(f"The parameter {name} must be a {'whole ' * (kind is int)}number")
    return kind(text)
