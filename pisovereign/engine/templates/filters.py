"""The filters and tests that a template may use: a closed set, each one bounded.

They do what jinja2's of the same name do, for what templates use them for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jinja2.filters as known
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from jinja2.tests import TESTS

from pisovereign.engine.templates.functions import (
    Methods,
    TemplateError,
    format_text,
    in_range,
    to_json,
    to_text,
)
from pisovereign.engine.templates.meter import LimitExceeded, Meter

_MOST_INDENT, _MOST_DECIMALS = 16, 10

_PLAIN_TESTS = frozenset(
    {"boolean", "callable", "defined", "divisibleby", "even", "false", "float", "integer"}
    | {"iterable", "lower", "mapping", "none", "number", "odd", "sequence", "string", "true"}
    | {"undefined", "upper"}
)
_COMPARISONS = frozenset(
    {"in", "sameas", "eq", "equalto", "==", "ne", "!=", "lt", "lessthan", "<", "le", "<="}
    | {"gt", "greaterthan", ">", "ge", ">="}
)

Filter = Callable[..., Any]


def tests(meter: Meter) -> dict[str, Callable[..., Any]]:
    """Return the tests by name."""

    def measured(test: Callable[..., Any]) -> Callable[..., Any]:
        def compare(*values: Any) -> Any:
            for value in values:
                meter.look(value)
            return test(*values)

        return compare

    known_tests: dict[str, Any] = dict(TESTS)
    plain = {name: known_tests[name] for name in _PLAIN_TESTS}
    return plain | {name: measured(known_tests[name]) for name in _COMPARISONS}


def filters(meter: Meter, methods: Methods) -> dict[str, Filter]:
    """Return the filters by name; none is called when a template is compiled."""
    texts = _Texts(meter, methods)
    lists = _Lists(meter, methods)
    plain: dict[str, Filter] = {
        "abs": lambda value: in_range(value) and abs(value),
        "bool": bool,
        "capitalize": texts.method("capitalize"),
        "count": len,
        "d": known.do_default,
        "default": known.do_default,
        "dictsort": lists.dictsort,
        "first": lists.first,
        "float": known.do_float,
        "format": texts.format,
        "indent": texts.indent,
        "int": lambda value, default=0, base=10: in_range(known.do_int(value, default, base)),
        "items": lists.items,
        "join": lists.join,
        "last": lists.last,
        "length": len,
        "list": methods.listed,
        "lower": texts.method("lower"),
        "max": lambda value: max(lists.looked(value)),
        "min": lambda value: min(lists.looked(value)),
        "replace": texts.replace,
        "reverse": lists.reverse,
        "round": texts.round,
        "safe": texts.string,
        "string": texts.string,
        "title": texts.method("title"),
        "tojson": texts.tojson,
        "trim": texts.trim,
        "upper": texts.method("upper"),
    }
    made = {name: _at_run_time(function) for name, function in plain.items()}
    for name in ("map", "select", "reject", "selectattr", "rejectattr"):
        made[name] = lists.lazy(getattr(known, f"do_{name}"))
    for name in ("sort", "unique"):
        made[name] = lists.of_environment(getattr(known, f"do_{name}"))
    return made


def _at_run_time(function: Filter) -> Filter:
    """Return a filter that jinja2 does not evaluate when it compiles."""

    @pass_context
    def call(_context: Context, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


class _Texts:
    def __init__(self, meter: Meter, methods: Methods) -> None:
        self._meter = meter
        self._methods = methods

    def string(self, value: object) -> str:
        return to_text(self._meter, value)

    def method(self, name: str) -> Callable[[object], str]:
        def call(value: object) -> str:
            bound = self._methods.of(self.string(value), name)
            assert bound is not None, "a method of texts"
            return str(bound())

        return call

    def trim(self, value: object, chars: str | None = None) -> str:
        return self.string(value).strip(chars)

    def replace(self, value: object, old: str, new: str, count: int | None = None) -> str:
        return self._methods.replace(self.string(value), old, new, -1 if count is None else count)

    def format(self, pattern: str, *values: object) -> str:
        return format_text(self._meter, pattern, list(values))

    def indent(self, value: object, width: int | str = 4, first: bool = False) -> str:
        text = self.string(value)
        wide = len(width) if isinstance(width, str) else width
        if wide > _MOST_INDENT:
            raise LimitExceeded("the template indents too far")
        self._meter.text(len(text) + (text.count("\n") + 1) * wide)
        return known.do_indent(text, width, first)

    def tojson(
        self,
        value: object,
        ensure_ascii: bool = False,
        indent: int | None = None,
        separators: object = None,
        sort_keys: bool = False,
    ) -> str:
        return to_json(
            self._meter,
            value,
            ensure_ascii=bool(ensure_ascii),
            indent=indent,
            separators=separators,
            sort_keys=bool(sort_keys),
        )

    def round(self, value: float, precision: int = 0, method: str = "common") -> float:
        if abs(precision) > _MOST_DECIMALS or method not in ("common", "ceil", "floor"):
            raise TemplateError("such rounding is not known")
        if isinstance(value, int):
            in_range(value)
        return known.do_round(value, precision, method)  # type: ignore[arg-type]


class _Lists:
    def __init__(self, meter: Meter, methods: Methods) -> None:
        self._meter = meter
        self._methods = methods

    def looked(self, values: object) -> list[Any]:
        self._meter.look(values)
        return self._methods.listed(values)

    def items(self, value: object) -> list[list[object]]:
        if isinstance(value, Undefined):
            return []
        if not isinstance(value, dict):
            raise TemplateError("only a mapping has items")
        return self._methods.items(value)

    def dictsort(
        self, value: dict[str, Any], case_sensitive: bool = False, by: str = "key"
    ) -> list[list[object]]:
        self._meter.look(value)
        if by not in ("key", "value"):
            raise TemplateError("such an order is not known")
        pairs = known.do_dictsort(value, case_sensitive, by)  # type: ignore[arg-type]
        return [list(pair) for pair in pairs]

    def join(self, values: object, separator: str = "", attribute: str | None = None) -> str:
        if attribute is not None:
            raise TemplateError("join knows no attribute")
        return self._methods.join(separator, self._methods.listed(values))

    def first(self, values: Any) -> Any:
        return next(iter(values), Undefined(name="first"))

    def last(self, values: Any) -> Any:
        return next(iter(reversed(values)), Undefined(name="last"))

    def reverse(self, values: Any) -> Any:
        if isinstance(values, str):
            self._meter.text(len(values))
            return values[::-1]
        return self._methods.listed(values)[::-1]

    def lazy(self, function: Callable[..., Iterable[Any]]) -> Filter:
        """Return a filter whose elements are made at once, each paid for."""

        @pass_context
        def call(context: Context, values: object, *args: Any, **kwargs: Any) -> list[Any]:
            made = function(context, self._methods.listed(values), *args, **kwargs)
            return self._methods.listed(made)

        return call

    def of_environment(self, function: Callable[..., Iterable[Any]]) -> Filter:
        @pass_context
        def call(context: Context, values: object, *args: Any, **kwargs: Any) -> list[Any]:
            made = function(context.environment, self.looked(values), *args, **kwargs)
            return self._methods.listed(made)

        return call
