"""Arithmetic and units that can be computed: nothing else is a command."""

from __future__ import annotations

import re

from pisovereign.actions.calculation import CalculationFailed, calculate
from pisovereign.actions.calculation_words import expression_reader
from pisovereign.actions.types import Calculate, Command, ConvertUnits
from pisovereign.actions.units import find_units
from pisovereign.languages import Language

# A letter between digits, or a digit between letters, of which "3x4" and "2e5" have none.
_IDENTIFIER = re.compile(r"\d(?![xe]\d)[^\W\d_]+\d|[^\W\d_]\d+[^\W\d_]")


def is_computable(command: Command, language: Language) -> bool:
    """Return whether arithmetic or a conversion can be computed; True for all other commands.

    A number alone is no arithmetic: "count to a thousand".
    """
    if isinstance(command, ConvertUnits):
        return bool(find_units(command.unit, language) and find_units(command.to, language))
    if not isinstance(command, Calculate):
        return True
    if is_no_arithmetic(command):
        return False
    try:
        signs = expression_reader(language).signs(" ".join(command.expression.split()))
        calculate(signs)
    except CalculationFailed as failure:
        return failure.problem != "not_understood"
    return not _is_number(signs)


def is_no_arithmetic(command: Command) -> bool:
    """Return whether what was taken for arithmetic is none: a number alone, or an identifier.

    "Make it 8" has a number alone, and "order 7f3a-02b" an identifier.
    """
    if not isinstance(command, Calculate):
        return False
    return _is_number(command.expression) or bool(_IDENTIFIER.search(command.expression))


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace(",", "").replace(" ", "").isdigit()
