"""Numbers as people write them in a language."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

from pisovereign.languages import Traits

_MOST_DECIMALS = 10
_SHOWN_DIGITS = 10
_LONGEST = 10**21
_GROUP = 3
_EXACT = Context(prec=60)


def shown_number(value: Fraction, traits: Traits) -> tuple[str, bool]:
    """Return a number in words of digits, and whether that is all of it.

    Numbers whose fraction ends soon are whole; others have ten digits that count. Very large ones
    are written with a power of ten.
    """
    if abs(value) >= _LONGEST:
        return _with_power(value, traits)
    if value.denominator == 1:
        return _grouped(str(value.numerator), traits), True
    exact = (value * 10**_MOST_DECIMALS).denominator == 1
    if exact:
        places = _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
        return _written(f"{places:.{_MOST_DECIMALS}f}", traits), True
    rounded = Context(prec=_SHOWN_DIGITS).divide(
        Decimal(value.numerator), Decimal(value.denominator)
    )
    return _written(f"{rounded:f}", traits), False


def plain_text(value: Fraction) -> str:
    """Return a number as programs read it: `1234.5`, of at most 40 digits."""
    divided = Context(prec=40).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{divided.normalize(Context(prec=40)):f}"


def _with_power(value: Fraction, traits: Traits) -> tuple[str, bool]:
    rounded = Context(prec=_SHOWN_DIGITS).divide(
        Decimal(value.numerator), Decimal(value.denominator)
    )
    power = rounded.adjusted()
    digits = rounded.scaleb(-power)
    exact = Fraction(digits) * 10**power == value
    return f"{_written(f'{digits:f}', traits)} × 10^{power}", exact


def _written(digits: str, traits: Traits) -> str:
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    return _grouped(whole, traits) + (traits.decimal + fraction if fraction else "")


def _grouped(digits: str, traits: Traits) -> str:
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    # Four digits are read without a separator, as years are.
    if len(digits) <= _GROUP + 1:
        return sign + digits
    first = len(digits) % _GROUP
    groups = ([digits[:first]] if first else []) + [
        digits[start : start + _GROUP] for start in range(first, len(digits), _GROUP)
    ]
    return sign + traits.thousands.join(groups)
