"""Where a template from a model file is executed: jinja2's immutable sandbox, with less in it.

A template gets values and gives text. It reaches no attribute of a Python object, no loader and no
clock; filters, tests and methods are closed sets; what it does is counted against a budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import Undefined, nodes, pass_context
from jinja2.ext import Extension, LoopControlExtension
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from pisovereign.engine.templates.filters import filters, tests
from pisovereign.engine.templates.functions import (
    BoundMethod,
    Methods,
    TemplateError,
    bounded_range,
    format_text,
    in_range,
    to_text,
)
from pisovereign.engine.templates.meter import CALL, ELEMENT, STEP, LimitExceeded, Meter
from pisovereign.engine.templates.names import (
    CALLED,
    CONCATENATED,
    COUNTED,
    LOOKED_AT,
    ROLE_MARK,
    STEPPED,
)

# What a template writes for the day. The day itself would change the front of every prompt once a
# day; the conversation tells it beside the newest message.
DAY = "see the conversation"


class RoleName(str):
    """The role of a message: not a text of anybody's, so a control token may be made of it."""

    __slots__ = ()


class GenerationExtension(Extension):
    """`{% generation %}`, which marks what a model is trained on: here it does nothing."""

    tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what stands between the tags."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one template.

    Args:
        literal: returns a text of the template's own with each mark in it as a placeholder.

    Attributes:
        meter: counts what a rendering does.
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, literal: Callable[[str], str]) -> None:
        self.literal = literal
        self.meter = Meter()
        self._methods = Methods(self.meter)
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[LoopControlExtension, GenerationExtension],
            optimized=False,
            autoescape=False,
            finalize=lambda value: to_text(self.meter, value),
            cache_size=0,
        )
        self.filters = filters(self.meter, self._methods) | {
            STEPPED: _for_template(self._step),
            CALLED: _for_template(self._called),
            LOOKED_AT: _for_template(self._look),
            COUNTED: _for_template(self._count),
            CONCATENATED: _for_template(self._concatenate),
            ROLE_MARK: _for_template(self._role_mark),
        }
        self.tests: Any = tests(self.meter)
        functions = {
            "range": lambda *args: bounded_range(self.meter, *args),
            "raise_exception": _raise,
            "strftime_now": lambda _format="": DAY,
            "dict": lambda **values: values,
        }
        self.globals = {**functions, "namespace": Namespace}
        self._callable = frozenset(map(id, self.globals.values()))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a method that may be called, an element of a dictionary, or what jinja2 has."""
        method = self._methods.of(obj, attribute)
        if method is not None:
            return method
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self._missing(obj, attribute)
        if isinstance(obj, Namespace) and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self._missing(obj, attribute)
        if isinstance(obj, LoopContext | Undefined):
            return super().getattr(obj, attribute)
        return self._missing(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an element."""
        if isinstance(obj, dict):
            if isinstance(argument, str):
                return obj[argument] if argument in obj else self._missing(obj, argument)
        elif isinstance(obj, list | str | range) and isinstance(argument, int):
            try:
                return obj[argument]
            except IndexError:
                pass
        elif isinstance(obj, Undefined):
            return obj[argument]
        elif isinstance(argument, str):
            return self.getattr(obj, argument)
        return self._missing(obj, str(argument) if isinstance(argument, int | str) else "")

    def is_safe_callable(self, obj: Any) -> bool:
        """Return whether a template may call this: its own macros, and the closed set."""
        return isinstance(obj, Macro | BoundMethod) or obj is Namespace or id(obj) in self._callable

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate, once it is known how large the result will be."""
        del context
        meter = self.meter
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            meter.text(len(left) + len(right))
            return left + right
        if operator == "+" and isinstance(left, list) and isinstance(right, list):
            meter.elements(len(left) + len(right))
            return left + right
        if operator == "*" and isinstance(left, str | list) and isinstance(right, int):
            size = len(left) * max(0, in_range(right))
            (meter.text if isinstance(left, str) else meter.elements)(size)
            return left * right
        if operator == "%" and isinstance(left, str):
            return format_text(meter, left, right)
        if operator == "**" or not _numbers(left, right):
            raise TemplateError(f"{operator} is not known for such values")
        meter.charge(ELEMENT)
        made = self.binop_table[operator](left, right)
        return in_range(made) if isinstance(made, int) else made

    def concat(self, parts: Iterable[str]) -> str:
        """Put together what a template or a macro wrote."""
        made = list(parts)
        self.meter.text(sum(map(len, made)))
        return "".join(made)

    def _missing(self, obj: object, name: str) -> Undefined:
        return self.undefined(obj=obj, name=name)

    def _step(self, value: object) -> object:
        self.meter.charge(STEP)
        return value

    def _called(self, value: object) -> object:
        self.meter.charge(CALL)
        return value

    def _look(self, value: Any) -> Any:
        self.meter.look(value)
        return value

    def _count(self, value: Any) -> Any:
        if isinstance(value, str | list | dict | range):
            self.meter.elements(len(value))
        return value

    def _role_mark(self, before: str, role: object, after: str) -> str:
        text = f"{before}{to_text(self.meter, role)}{after}"
        return self.literal(text) if type(role) is RoleName else text

    def _concatenate(self, parts: list[object]) -> str:
        texts = [to_text(self.meter, part) for part in parts]
        self.meter.text(sum(map(len, texts)))
        return "".join(texts)


def _for_template(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that jinja2 does not evaluate when it compiles."""

    @pass_context
    def call(_context: Context, *args: Any) -> Any:
        return function(*args)

    return call


def _raise(message: object = "") -> None:
    raise TemplateError(f"the template refuses: {str(message)[:200]}")


def _numbers(*values: object) -> bool:
    if any(isinstance(value, int) and value.bit_length() > 64 for value in values):
        raise LimitExceeded("the template makes too large a number")
    return all(isinstance(value, int | float) for value in values)
