"""Values that a schema allows, in a form from which a grammar is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A string of so many characters, perhaps in a format: date, time, date-time or uuid."""

    least: int = 0
    most: int | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds, both included."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number within whole bounds, both included."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Null."""


@dataclass(frozen=True, slots=True)
class Items:
    """An array that begins with `first`; all further ones are of shape `rest`, if there may be any.

    `least` and `most` count all of them.
    """

    first: tuple[Shape, ...]
    rest: Shape | None
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """A named value of an object."""

    name: str
    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class Members:
    """An object of named values, the required ones first."""

    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """An object of any names, whose values have one shape."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Either:
    """A value of any of these shapes."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of a shape that is defined by name, as it may contain itself."""

    name: str


Shape = (
    Anything
    | OneOf
    | Text
    | Whole
    | Decimal
    | Flag
    | Nothing
    | Items
    | Members
    | Mapped
    | Either
    | Reference
)


@dataclass(frozen=True, slots=True)
class Schema:
    """A shape with the definitions that it refers to."""

    shape: Shape
    definitions: Mapping[str, Shape]
