"""Grammars of numbers within bounds."""

from __future__ import annotations

_MOST_DIGITS = 16
_ANY = f'("0" | [1-9] [0-9]{{0,{_MOST_DIGITS - 1}}})'


def whole(least: int | None, most: int | None) -> str:
    """Return an expression for integers from `least` to `most`, both included."""
    if least is None and most is None:
        return f'"-"? {_ANY}'
    parts: list[str] = []
    if most is None or most >= 0:
        parts.append(_positive(max(0, least or 0), most))
    if least is None or least < 0:
        low = 1 if most is None or most >= 0 else -most
        parts.append(f'"-" {_positive(low, None if least is None else -least)}')
    return f"({' | '.join(parts)})"


def decimal(least: int | None, most: int | None) -> str:
    """Return an expression for numbers from `least` to `most`, both included."""
    fraction = '"." [0-9]{1,15}'
    if least is None and most is None:
        return f'"-"? {_ANY} ({fraction})? ([eE] [-+]? [0-9]{{1,2}})?'
    parts = [whole(least, most)]
    # A fraction moves away from zero: of the outermost integer none is within the bound.
    if most is None or most > 0:
        low = max(0, least or 0)
        if most is None or low < most:
            parts.append(f"{_positive(low, None if most is None else most - 1)} {fraction}")
    if least is None or least < 0:
        low = 0 if most is None or most >= 0 else -most
        high = None if least is None else -least - 1
        if high is None or low <= high:
            parts.append(f'"-" {_positive(low, high)} {fraction}')
    return f"({' | '.join(parts)})"


def _positive(low: int, high: int | None) -> str:
    """Return an expression for integers that are not below zero."""
    if low == 0 and high is None:
        return _ANY
    parts: list[str] = []
    digits = len(str(low))
    last = digits if high is None else len(str(high))
    for count in range(digits, last + 1):
        first = low if count == digits else 10 ** (count - 1)
        final = high if high is not None and count == last else 10**count - 1
        parts.append(_between(str(first), str(final)))
    if high is None:
        parts.append(f"[1-9] [0-9]{{{digits},{max(digits, _MOST_DIGITS - 1)}}}")
    return f"({' | '.join(parts)})"


def _between(low: str, high: str) -> str:
    """Return an expression for numbers of equally many digits."""
    if not low:
        return '""'
    if low == high:
        return f'"{low}"'
    rest = len(low) - 1
    if low[0] == high[0]:
        return f'"{low[0]}" {_between(low[1:], high[1:])}'
    if set(low[1:]) <= {"0"} and set(high[1:]) <= {"9"}:
        return f"[{low[0]}-{high[0]}]{_digits(rest)}"
    parts = [f'"{low[0]}" {_between(low[1:], "9" * rest)}']
    if int(high[0]) - int(low[0]) > 1:
        parts.append(f"[{int(low[0]) + 1}-{int(high[0]) - 1}]{_digits(rest)}")
    parts.append(f'"{high[0]}" {_between("0" * rest, high[1:])}')
    return f"({' | '.join(parts)})"


def _digits(count: int) -> str:
    return f" [0-9]{{{count}}}" if count else ""
