"""The methods of values, and functions, that a template may use: a closed set, each one bounded.

They do what Python's of the same name do, for what templates use them for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Undefined

from pisovereign.engine.templates.meter import ELEMENT, STEP, LimitExceeded, Meter

_PLACEHOLDER = re.compile(r"%(?!%|s|d)")
_FIELD = re.compile(r"\{[^}]")
_MOST_BITS = 64
_MOST_INDENT = 16


class TemplateError(Exception):
    """The template refused the conversation: `raise_exception`, or something it may not do."""


def to_text(meter: Meter, value: object) -> str:
    """Return a value as it is written out."""
    if isinstance(value, str):
        meter.text(len(value))
        return value
    if value is None or isinstance(value, bool | int | float | Undefined):
        meter.charge(STEP)
        return str(value)
    if isinstance(value, list | dict):
        meter.look(value)
        text = str(value)
        meter.text(len(text))
        return text
    raise TemplateError(f"a {type(value).__name__} cannot be written out")


class Methods:
    """The methods of texts, dictionaries and lists."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        plain = (
            "strip lstrip rstrip lower upper title capitalize swapcase startswith endswith find "
            "rfind index count isdigit isalpha isalnum isspace isupper islower isnumeric "
            "removeprefix removesuffix"
        )
        self._text: dict[str, Callable[..., Any]] = {
            name: self._plain(getattr(str, name)) for name in plain.split()
        }
        for name in ("split", "rsplit", "splitlines"):
            self._text[name] = self._splitting(getattr(str, name))
        self._text |= {"replace": self.replace, "join": self.join, "format": self.format}
        self._mapping: dict[str, Callable[..., Any]] = {
            "items": self.items,
            "keys": self.keys,
            "values": self.values,
            "get": lambda mapping, key, default=None: mapping.get(key, default),
        }

    def of(self, value: object, name: str) -> BoundMethod | None:
        """Return a method of a value; None if it has none of that name that may be used."""
        table = (
            self._text
            if isinstance(value, str)
            else self._mapping
            if isinstance(value, dict)
            else {}
        )
        function = table.get(name)
        return None if function is None else BoundMethod(function, value)

    def replace(self, text: str, old: str, new: str, count: int = -1) -> str:
        """Replace, once it is known how long the result will be."""
        self._meter.charge(len(text) + STEP)
        found = text.count(old) if count < 0 else min(count, text.count(old))
        self._meter.text(len(text) + found * max(0, len(new) - len(old)))
        return text.replace(old, new, count)

    def format(self, pattern: str, *values: object) -> str:
        """Fill in `{}`, and nothing that has a width, an index or an attribute in it."""
        if _FIELD.search(pattern):
            raise TemplateError("format knows only {}")
        parts = [to_text(self._meter, value) for value in values]
        self._meter.text(len(pattern) + sum(map(len, parts)))
        return pattern.format(*parts)

    def join(self, separator: str, values: Iterable[object]) -> str:
        """Join, once it is known how long the result will be."""
        parts = [to_text(self._meter, value) for value in self.listed(values)]
        self._meter.text(sum(map(len, parts)) + len(separator) * len(parts))
        return separator.join(parts)

    def items(self, mapping: Mapping[str, object]) -> list[list[object]]:
        """Return pairs, as lists: nested tuples could be hashed, which may take for ever."""
        self._meter.elements(2 * len(mapping))
        return [[key, value] for key, value in mapping.items()]

    def keys(self, mapping: Mapping[str, object]) -> list[str]:
        """Return the keys."""
        self._meter.elements(len(mapping))
        return list(mapping)

    def values(self, mapping: Mapping[str, object]) -> list[object]:
        """Return the values."""
        self._meter.elements(len(mapping))
        return list(mapping.values())

    def listed(self, values: object) -> list[Any]:
        """Return what can be iterated over as a list, each element of it paid for."""
        if isinstance(values, Undefined):
            return []
        if not isinstance(values, Iterable):
            raise TemplateError(f"a {type(values).__name__} has no elements")
        made: list[Any] = []
        for value in values:
            self._meter.charge(ELEMENT)
            made.append(value)
        return made

    def _plain(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(text: str, *args: Any, **kwargs: Any) -> Any:
            self._meter.text(len(text))
            for argument in args:
                self._meter.look(argument)
            if args and isinstance(args[0], list):
                # Templates give a list where Python wants a tuple, as tuples are made lists here.
                args = (tuple(args[0]), *args[1:])
            return function(text, *args, **kwargs)

        return call

    def _splitting(self, function: Callable[..., list[str]]) -> Callable[..., list[str]]:
        def call(text: str, *args: Any, **kwargs: Any) -> list[str]:
            self._meter.text(len(text))
            parts = function(text, *args, **kwargs)
            self._meter.elements(len(parts))
            return parts

        return call


class BoundMethod:
    """A method with the value it belongs to; what a template may call."""

    __slots__ = ("_function", "_value")

    def __init__(self, function: Callable[..., Any], value: object) -> None:
        self._function = function
        self._value = value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method."""
        return self._function(self._value, *args, **kwargs)


def format_text(meter: Meter, pattern: str, values: object) -> str:
    """Fill in `%s` and `%d`; no widths, of which one could be a gigabyte."""
    if _PLACEHOLDER.search(pattern):
        raise TemplateError("only %s and %d are known")
    given = values if isinstance(values, list) else [values]
    parts = [v if isinstance(v, int) else to_text(meter, v) for v in given]
    meter.text(len(pattern) + sum(len(str(part)) for part in parts))
    return pattern % tuple(parts)


def to_json(
    meter: Meter,
    value: object,
    *,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: Any = None,
    sort_keys: bool = False,
) -> str:
    """Return JSON as `transformers` writes it, which models were trained with: not for HTML."""
    if indent is not None and not 0 <= indent <= _MOST_INDENT:
        raise TemplateError("such an indent is not known")
    meter.look(value)
    marks = tuple(map(str, separators)) if isinstance(separators, list) else None
    try:
        text = json.dumps(
            value,
            ensure_ascii=ensure_ascii,
            indent=indent,
            separators=marks if marks is not None and len(marks) == 2 else None,
            sort_keys=sort_keys,
        )
    except (TypeError, ValueError) as error:
        raise TemplateError("a value cannot be written as JSON") from error
    meter.text(len(text))
    return text


def bounded_range(meter: Meter, *args: int) -> range:
    """Return a range that is not too long."""
    made = range(*args)
    try:
        meter.elements(len(made))
    except OverflowError:
        raise LimitExceeded("the template counts too far") from None
    return made


def in_range(value: int) -> int:
    """Return an integer; raises LimitExceeded for one of more digits than anything has."""
    if value.bit_length() > _MOST_BITS:
        raise LimitExceeded("the template makes too large a number")
    return value
