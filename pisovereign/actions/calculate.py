"""Arithmetic."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.action import DirectAction
from pisovereign.actions.calculation import CalculationFailed, Problem, calculate
from pisovereign.actions.calculation_words import expression_reader
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.messages import quote
from pisovereign.actions.numbers import plain_text, shown_number
from pisovereign.actions.spec import ActionSpec
from pisovereign.errors import ValidationFailed
from pisovereign.languages import load_traits
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.validation import no_nul, not_blank

Expression = Annotated[
    str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})
]


class Calculate(Command, frozen=True, kw_only=True):
    """Calculate what stands in `expression`, in signs or in words of the caller's language."""

    expression: Expression


class Calculation(msgspec.Struct, frozen=True, kw_only=True):
    """The value of an expression.

    `value` is for programs (`1234.5`, at most 40 digits), `shown` for people in their language;
    with `exact` false it is rounded. With a `problem` there is no value.
    """

    expression: str
    value: str | None = None
    shown: str | None = None
    exact: bool = True
    problem: Problem | None = None


def _read(wording: Wording) -> PartialCommand:
    expression = wording.said("expression")
    if expression is None:
        found = wording.forms.signal("expression", wording.request.utterance.normalized)
        expression = wording.request.words(found[1]["expression"]) if found else None
    return PartialCommand(Calculate, {"expression": expression}, ("expression",))


class CalculateAction(DirectAction[Calculate, Calculation]):
    """Calculates; no model is asked."""

    spec = ActionSpec(
        name="calculate",
        type=Calculate,
        result=Calculation,
        intents=(Intent("sum", _read, timed=False),),
        of_the_world=True,
        slots=CommandSlots(text="expression"),
        model=ModelTool(
            "Calculate an arithmetic expression exactly.",
            {"expression": "Such as 12.5 * (3 + 4)"},
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: Calculate) -> Calculation:
        """Return the value.

        Raises:
            ValidationFailed: It is no arithmetic.
        """
        asked = " ".join(command.expression.split())
        try:
            found = calculate(expression_reader(caller.language).signs(asked))
        except CalculationFailed as failure:
            if failure.problem == "not_understood":
                error = "is no arithmetic that can be calculated"
                raise ValidationFailed([{"field": "expression", "error": error}]) from None
            return Calculation(expression=asked, exact=False, problem=failure.problem)
        shown, whole = shown_number(found.value, load_traits(caller.language))
        return Calculation(
            expression=asked,
            value=plain_text(found.value),
            shown=shown,
            exact=found.exact and whole,
        )

    def describe(self, result: Calculation, messages: Messages, clock: Clock) -> str:
        """Return the value, and whether it is rounded."""
        if result.problem is not None:
            return messages.say(f"calculate.{result.problem}")
        asked = quote(result.expression)
        key = "calculate" if result.exact else "calculate.about"
        return messages.say(key, expression=asked, value=result.shown)
