"""What of arithmetic and units can be computed: nothing else is a command."""

from __future__ import annotations

from pisovereign.actions.calculation import CalculationFailed, calculate
from pisovereign.actions.calculation_words import expression_reader
from pisovereign.actions.types import Calculate, Command, ConvertUnits
from pisovereign.actions.units import find_units
from pisovereign.languages import Language


def is_computable(command: Command, language: Language) -> bool:
    """Return whether arithmetic or a conversion can be computed; True for all other commands.

    A number alone is no arithmetic: "count to a thousand".
    """
    if isinstance(command, ConvertUnits):
        return bool(find_units(command.unit, language) and find_units(command.to, language))
    if not isinstance(command, Calculate):
        return True
    if is_number_alone(command):
        return False
    try:
        signs = expression_reader(language).signs(" ".join(command.expression.split()))
        calculate(signs)
    except CalculationFailed as failure:
        return failure.problem != "not_understood"
    return not _is_number(signs)


def is_number_alone(command: Command) -> bool:
    """Return whether arithmetic has nothing but a number in it, and so is none: "make it 8"."""
    return isinstance(command, Calculate) and _is_number(command.expression)


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace(",", "").replace(" ", "").isdigit()
