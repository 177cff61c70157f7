"""Arithmetic on exact fractions, by a grammar of its own; nothing is ever evaluated as code.

Sums, products, powers, percentages and roots in signs. What stands for the signs in words is
`calculation_words`. Numbers are exact, but for roots and powers that no fraction is, which have 40
digits. Everything is bounded: the text by its field, the depth and the numbers here.
"""

from __future__ import annotations

import decimal
import math
import re
from fractions import Fraction
from typing import Literal, NamedTuple

Problem = Literal["not_understood", "division_by_zero", "too_large", "no_real_number"]

_DEEPEST = 20
_MOST_BITS = 4_000
_DIGITS = decimal.Context(prec=40)
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<sign>[-+*/^()√∛%]|%\+)|(?P<end>$))")


class CalculationFailed(Exception):
    """There is no result; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Number(NamedTuple):
    """A value, whether it is exact, and whether it was written as a percentage."""

    value: Fraction
    exact: bool = True
    percent: bool = False


def calculate(expression: str) -> Number:
    """Return what an expression in signs is worth.

    Args:
        expression: Numbers with a decimal point, and + - * / ^ % √ ∛ and parentheses.

    Raises:
        CalculationFailed: It is none, or has no value.
    """
    parser = _Parser(_tokens(expression))
    value = parser.sum()
    if parser.peek():
        raise CalculationFailed("not_understood")
    return value


def _tokens(expression: str) -> list[str]:
    found: list[str] = []
    position = 0
    while position < len(expression.rstrip()):
        token = _TOKEN.match(expression, position)
        if token is None or token["end"] is not None:
            raise CalculationFailed("not_understood")
        found.append(token["number"] or token["sign"])
        position = token.end()
    return found


class _Parser:
    """A recursive descent over the tokens; each method reads one level of precedence."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self) -> str:
        """Return the next token; empty at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *expected: str) -> str:
        token = self.peek()
        if expected and token not in expected:
            return ""
        self._at += 1
        return token

    def sum(self) -> Number:
        """Read `a + b - c`; a percentage is one of what stands before it: 80 + 10 % is 88."""
        left = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            change = left.value * right.value if right.percent else right.value
            value = left.value + change if sign == "+" else left.value - change
            left = _bounded(value, exact=left.exact and right.exact)
        return left

    def _product(self) -> Number:
        left = self._signed()
        while sign := self._take("*", "/"):
            right = self._signed()
            if sign == "/" and right.value == 0:
                raise CalculationFailed("division_by_zero")
            value = left.value * right.value if sign == "*" else left.value / right.value
            left = _bounded(value, exact=left.exact and right.exact)
        return left

    def _signed(self) -> Number:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        found = self._power()
        return found._replace(value=-found.value) if negative else found

    def _power(self) -> Number:
        base = self._percentage()
        if not self._take("^"):
            return base
        self._enter()
        exponent = self._signed()  # to the right first: 2^3^2 is 2^9
        self._leave()
        return _power(base, exponent)

    def _percentage(self) -> Number:
        found = self._single()
        while self._take("%"):
            found = Number(found.value / 100, found.exact, percent=True)
        return found

    def _single(self) -> Number:
        symbol = self._take()
        if symbol in ("√", "∛"):
            self._enter()
            of = self._single()
            self._leave()
            return _root(of, 2 if symbol == "√" else 3)
        if symbol == "(":
            self._enter()
            inside = self.sum()
            self._leave()
            if not self._take(")"):
                raise CalculationFailed("not_understood")
            return inside._replace(percent=False)
        if not symbol or symbol in "+-*/^)%":
            raise CalculationFailed("not_understood")
        return _bounded(Fraction(symbol), exact=True)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CalculationFailed("not_understood")

    def _leave(self) -> None:
        self._depth -= 1


def _bounded(value: Fraction, *, exact: bool) -> Number:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise CalculationFailed("too_large")
    return Number(value, exact)


def _power(base: Number, exponent: Number) -> Number:
    power = exponent.value
    if base.value == 0 and power < 0:
        raise CalculationFailed("division_by_zero")
    if power.denominator != 1:
        if base.value < 0:
            raise CalculationFailed("no_real_number")
        if power == Fraction(1, 2):
            return _root(base, 2)
        return _approximate(base.value, power)
    size = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
    if base.value not in (0, 1, -1) and size * abs(power) > _MOST_BITS:
        raise CalculationFailed("too_large")
    if base.value in (0, 1, -1):
        power = Fraction(int(power) % 2 + 2)
        power = Fraction(0) if exponent.value == 0 else power
    return _bounded(base.value ** int(power), exact=base.exact and exponent.exact)


def _root(of: Number, degree: int) -> Number:
    """Return a root: exact if it is a fraction."""
    value = of.value
    if value < 0 and degree == 2:
        raise CalculationFailed("no_real_number")
    over, under = (
        _whole_root(abs(value.numerator), degree),
        _whole_root(value.denominator, degree),
    )
    if over is not None and under is not None:
        root = Fraction(over, under)
        return Number(-root if value < 0 else root, of.exact)
    found = _approximate(abs(value), Fraction(1, degree))
    return found._replace(value=-found.value) if value < 0 else found


def _whole_root(value: int, degree: int) -> int | None:
    root = math.isqrt(value) if degree == 2 else _cube_root(value)
    return root if root**degree == value else None


def _cube_root(value: int) -> int:
    low, high = 0, 1 << (value.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= value else (low, middle - 1)
    return low


def _approximate(base: Fraction, power: Fraction) -> Number:
    try:
        result = _DIGITS.power(_decimal(base), _decimal(power))
    except (decimal.Overflow, decimal.InvalidOperation):
        raise CalculationFailed("too_large") from None
    if result.is_finite() and abs(result.adjusted()) < _MOST_BITS // 4:
        return _bounded(Fraction(result), exact=False)
    raise CalculationFailed("too_large")


def _decimal(value: Fraction) -> decimal.Decimal:
    return _DIGITS.divide(decimal.Decimal(value.numerator), decimal.Decimal(value.denominator))
