"""Conversion between units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import CommandSlots, Intent
from pisovereign.actions.numbers import shown_number
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.units import Incompatible, Unit, choose_units, convert, find_units
from pisovereign.errors import FieldError, ValidationFailed
from pisovereign.languages import Language, load_traits
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.validation import no_nul, not_blank


def _finite(value: float) -> str | None:
    return None if math.isfinite(value) else "must be a finite number"


Amount = Annotated[float, Meta(ge=-1e30, le=1e30, extra={"rules": (_finite,)})]
UnitName = Annotated[str, Meta(min_length=1, max_length=60, extra={"rules": (not_blank, no_nul)})]


class ConvertUnits(Command, frozen=True, kw_only=True):
    """Convert `amount` of `unit` to another unit; names are those of the caller's language."""

    amount: Amount
    unit: UnitName
    to: UnitName


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in another unit; `unit` and `to` are signs, `shown` texts are for people.

    With the problem `incompatible` the units measure different things, and there is no value.
    """

    amount: float
    unit: str
    to: str
    shown_amount: str
    value: float | None = None
    shown_value: str | None = None
    exact: bool = True
    problem: Literal["incompatible"] | None = None


def _read(wording: Wording) -> PartialCommand:
    amount = wording.text("amount")
    arguments = {
        "amount": _number(amount, wording.numbers) if amount else None,
        "unit": wording.text("unit"),
        "to": wording.text("to"),
    }
    return PartialCommand(ConvertUnits, arguments, ("amount", "unit", "to"))


def _number(text: str, numbers: Mapping[str, float]) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return numbers.get(text.lower(), 1.0 if len(text) < 5 else None)


class ConvertUnitsAction(DirectAction[ConvertUnits, Conversion]):
    """Converts units; no model is asked."""

    spec = ActionSpec(
        name="convert_units",
        type=ConvertUnits,
        result=Conversion,
        intents=(Intent("units", _read),),
        of_the_world=True,
        slots=CommandSlots(amount="amount"),
    )

    async def run(self, caller: Caller, command: ConvertUnits) -> Conversion:
        """Return the amount in the other unit.

        Raises:
            ValidationFailed: A unit is unknown, as every currency is.
        """
        language = caller.language
        units, others = _known(command, language)
        amount, traits = Fraction(str(command.amount)), load_traits(language)
        shown_amount, _ = shown_number(amount, traits)
        try:
            unit, to = choose_units(units, others)
        except Incompatible as pair:
            return Conversion(
                amount=command.amount,
                unit=pair.unit.sign,
                to=pair.to.sign,
                shown_amount=shown_amount,
                exact=False,
                problem="incompatible",
            )
        value = convert(amount, unit, to)
        shown, whole = shown_number(value, traits)
        return Conversion(
            amount=command.amount,
            unit=unit.sign,
            to=to.sign,
            shown_amount=shown_amount,
            value=float(value),
            shown_value=shown,
            exact=whole,
        )

    def describe(self, result: Conversion, messages: Messages, clock: Clock) -> str:
        """Return both amounts."""
        units = {"unit": result.unit, "to": result.to}
        if result.problem is not None:
            return messages.say("convert_units.incompatible", **units)
        key = "convert_units" if result.exact else "convert_units.about"
        return messages.say(key, amount=result.shown_amount, value=result.shown_value, **units)


def _known(command: ConvertUnits, language: Language) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
    units, others = find_units(command.unit, language), find_units(command.to, language)
    missing: list[FieldError] = [
        {"field": field, "error": "is not a unit that is known here"}
        for field, found in (("unit", units), ("to", others))
        if not found
    ]
    if missing:
        raise ValidationFailed(missing)
    return units, others
