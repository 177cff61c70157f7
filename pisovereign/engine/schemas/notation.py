"""Writing the grammar of a shape: JSON, and what other notations share with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pisovereign.engine.schemas import numbers
from pisovereign.engine.schemas.rules import Rules, characters_of, quoted
from pisovereign.engine.schemas.shapes import (
    Anything,
    Decimal,
    Either,
    Flag,
    Items,
    Mapped,
    Member,
    Members,
    Nothing,
    OneOf,
    Reference,
    Schema,
    Shape,
    Text,
    Whole,
)

# A lone surrogate is no text, and U+0000 none that can be stored.
_HEX = "[0-9a-fA-F]"
_UNICODE = (
    f'"u" ([1-9a-cA-Ce-fE-F] {_HEX}{{3}} | [dD] [0-7] {_HEX}{{2}} | "0" [1-9a-fA-F] {_HEX}{{2}}'
    f' | "00" [1-9a-fA-F] {_HEX} | "000" [1-9a-fA-F]'
    f' | [dD] [89abAB] {_HEX}{{2}} "\\\\u" [dD] [c-fC-F] {_HEX}{{2}})'
)
_ESCAPE = f'"\\\\" (["\\\\/bfnrt] | {_UNICODE})'
_CONTROL = r"\x00-\x1F\x7F"
_IN_STRING = rf'"\\{_CONTROL}'

_CLOCK = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})?'
_ZONE = '("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])'
_DAY = (
    '[0-9]{4} "-" (("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
    ' | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30")'
    ' | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))'
)
_FORMS = {
    "date": _DAY,
    "time": f"{_CLOCK} {_ZONE}",
    "date-time": f'{_DAY} "T" {_CLOCK} {_ZONE}',
    "uuid": f'{_HEX}{{8}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{12}}',
}


class Notation:
    """JSON: writes expressions of a grammar for shapes.

    Args:
        rules: where they are written to.
        schema: the schema whose shapes are written.
        forbidden: marks of control tokens, which no text may spell out.
        free: blanks and line ends may stand where JSON allows them; else each value is written in
            one way, as `json.dumps` does: what follows from the schema alone is then known before
            it is computed.
    """

    true, false, null = "true", "false", "null"

    def __init__(
        self, rules: Rules, schema: Schema, *, forbidden: Sequence[str] = (), free: bool = False
    ) -> None:
        self.rules = rules
        self.forbidden = tuple(forbidden)
        blank = rules.add("[ \\n\\t]{0,40}") if free else '""'
        self.comma = f'{blank} "," {blank}' if free else '", "'
        self.colon = f'{blank} ":" {blank}' if free else '": "'
        self.open_brace, self.close_brace = (
            (f'"{{" {blank}', f'{blank} "}}"') if free else ('"{"', '"}"')
        )
        self.open_bracket, self.close_bracket = (
            (f'"[" {blank}', f'{blank} "]"') if free else ('"["', '"]"')
        )
        self._definitions: Mapping[str, Shape] = schema.definitions
        self._defined: dict[str, str] = {}
        self._anything: str | None = None

    def value(self, shape: Shape) -> str:
        """Return an expression for values of a shape."""
        match shape:
            case Anything():
                return self._any()
            case OneOf(values):
                return self._group([self.literal(value) for value in values])
            case Text():
                return self.rules.add(self.text(shape))
            case Whole(least, most):
                return self.rules.add(numbers.whole(least, most))
            case Decimal(least, most):
                return self.rules.add(numbers.decimal(least, most))
            case Flag():
                return f'("{self.true}" | "{self.false}")'
            case Nothing():
                return f'"{self.null}"'
            case Items():
                return self.rules.add(self._items(shape))
            case Members(members):
                return self.rules.add(self.object(members))
            case Mapped(values_shape):
                return self.rules.add(self._mapped(values_shape))
            case Either(shapes):
                return self._group([self.value(each) for each in shapes])
            case Reference(name):
                return self._reference(name)

    def object(self, members: Sequence[Member]) -> str:
        """Return an expression for an object of these members, in their order."""
        listed = self.listed(members, self.member, self.comma)
        return f"{self.open_brace} {listed} {self.close_brace}" if listed else quoted("{}")

    def member(self, member: Member) -> str:
        """Return an expression for a name with its value."""
        return f"{quoted(self.name(member.name))} {self.colon} {self.value(member.shape)}"

    def listed(self, members: Sequence[Member], one: Callable[[Member], str], comma: str) -> str:
        """Return an expression for members in their order, where only the optional may lack."""
        required = [one(member) for member in members if member.required]
        optional = [self.rules.add(one(member)) for member in members if not member.required]
        more = ""  # what may follow once there is something, from the last to the first
        chains = [""]
        for each in reversed(optional):
            more = self.rules.add(f"({comma} {each})? {more}".rstrip())
            chains.append(more)
        if required:
            return f" {comma} ".join(required) + (f" {more}" if more else "")
        if not optional:
            return ""
        chains.reverse()
        begun = [f"{each} {chains[at + 1]}".rstrip() for at, each in enumerate(optional)]
        return f"({' | '.join(begun)})?"

    def text(self, shape: Text) -> str:
        """Return an expression for a string."""
        if shape.form is not None:
            return f'"\\"" {formatted(shape.form)} "\\""'
        if shape.least == 0 and shape.most is None:
            body = self.rules.without(
                self.forbidden, excluded=_IN_STRING, escape=_ESCAPE, end='"\\""'
            )
            return f'"\\"" {body}'
        firsts = characters_of("".join(sorted({mark[0] for mark in self.forbidden})))
        one = self.rules.add(f"[^{_IN_STRING}{firsts}] | {_ESCAPE}")
        return f'"\\"" {one}{counts(shape.least, shape.most)} "\\""'

    def literal(self, value: Any) -> str:
        """Return an expression for one value."""
        return quoted(self.written(value))

    def written(self, value: Any) -> str:
        """Return how a value is written."""
        return json.dumps(value, ensure_ascii=False)

    def name(self, name: str) -> str:
        """Return how the name of a member is written."""
        return json.dumps(name, ensure_ascii=False)

    def any_name(self) -> str:
        """Return an expression for any name of a member."""
        return self.rules.add(self.text(Text()))

    def _items(self, shape: Items) -> str:
        first = [self.value(each) for each in shape.first]
        most = shape.most if shape.most is None else max(0, shape.most)
        if most is not None:
            first = first[:most]
        rest = None if shape.rest is None or most == len(first) else self.value(shape.rest)
        inner = self._sequence(first, rest, shape.least, most)
        return f"{self.open_bracket} {inner} {self.close_bracket}" if inner else quoted("[]")

    def _sequence(
        self, first: Sequence[str], rest: str | None, least: int, most: int | None
    ) -> str:
        """Return an expression for values with commas: those of `first`, then more of `rest`."""
        comma = self.comma
        more = ""
        if rest is not None:
            low = max(0, least - len(first))
            high = None if most is None else most - len(first)
            if not first:
                following = counts(max(0, low - 1), None if high is None else high - 1)
                whole = f"{rest} ({comma} {rest}){following}"
                return whole if low else f"({whole})?"
            more = f"({comma} {rest}){counts(low, high)}"
        for at in range(len(first) - 1, -1, -1):
            whole = f"{comma} {first[at]} {more}" if at else f"{first[at]} {more}"
            more = whole if at < least else f"({whole})?"
        return more

    def _mapped(self, shape: Shape) -> str:
        pair = self.rules.add(f"{self.any_name()} {self.colon} {self.value(shape)}")
        return f"{self.open_brace} ({pair} ({self.comma} {pair})*)? {self.close_brace}"

    def _any(self) -> str:
        if self._anything is None:
            self._anything = self.rules.reserve()
            kinds: list[Shape] = [
                Text(),
                Decimal(),
                Flag(),
                Nothing(),
                Items((), Anything(), 0, None),
                Mapped(Anything()),
            ]
            body = " | ".join(self.value(kind) for kind in kinds)
            self.rules.define(self._anything, body)
        return self._anything

    def _reference(self, name: str) -> str:
        if name not in self._defined:
            rule = self._defined[name] = self.rules.reserve()
            self.rules.define(rule, self.value(self._definitions[name]))
        return self._defined[name]

    def _group(self, alternatives: Sequence[str]) -> str:
        return self.rules.add(" | ".join(alternatives))


def counts(least: int, most: int | None) -> str:
    """Return how often something may stand, as it is written behind it."""
    if most is None:
        return "*" if least == 0 else f"{{{least},}}"
    return f"{{{least},{most}}}"


def formatted(form: str) -> str:
    """Return an expression for text in a format."""
    return _FORMS[form]
