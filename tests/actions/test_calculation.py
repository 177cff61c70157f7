"""Arithmetic: exact, bounded, in signs and in words."""

from __future__ import annotations

import asyncio
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.actions.calculation import CalculationFailed, calculate
from pisovereign.actions.calculation_words import expression_reader, plain_number
from pisovereign.actions.numbers import plain_text, shown_number
from pisovereign.actions.types import Calculate, Completed
from pisovereign.errors import ValidationFailed
from pisovereign.languages import LANGUAGES, Language, load_traits
from pisovereign.parsing.intent_model import Guess
from tests.actions.support import CALLER, service
from tests.parsing.support import message
from tests.support.rules import rules


def said(expression: str, language: Language = "en") -> str:
    actions = service()
    command = actions.command("calculate", {"expression": expression})
    done = asyncio.run(actions.run(CALLER._replace(language=language), command))
    assert isinstance(done, Completed)
    return done.text.partition(" = ")[2] or done.text


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("10 - 4 - 3", "3"),
        ("2^3^2", "512"),
        ("-2^2", "-4"),
        ("2^-1", "0.5"),
        ("0.1 + 0.2", "0.3"),
        ("15% of 80", "12"),
        ("80 + 10%", "88"),
        ("80 - 10%", "72"),
        ("50% * 50%", "0.25"),
        ("√144", "12"),
        ("∛(-27)", "-3"),
        ("√(9/16)", "0.75"),
        ("8x7", "56"),
        ("12 ÷ 4", "3"),
        ("3²", "9"),
        ("1,234.5 * 2", "2469"),
        ("100000 * 100000", "10,000,000,000"),
        ("2^100", "1.2676506 × 10^30"),
    ],
)
def test_signs(expression: str, value: str) -> None:
    assert said(expression).partition("≈ ")[2] in ("", value)
    assert said(expression).endswith(value)


@pytest.mark.parametrize(
    ("language", "expression", "value"),
    [
        ("en", "What is twelve plus a hundred and ninety-six?", "208"),
        ("en", "seven times seven", "49"),
        ("en", "divide 12 by 4", "3"),
        ("en", "the sum of five and six", "11"),
        ("en", "subtract 5 from 12", "7"),
        ("en", "square root of 81", "9"),
        ("en", "20 percent of 45", "9"),
        ("en", "half of 30", "15"),
        ("en", "what is the result of six times sixty-eight", "408"),
        ("en", "nine - four", "5"),
        ("en", "Kitchen, what's the answer to $12.50 plus $7.25?", "19.75"),
        ("en", "What's a third of 750?", "250"),
        ("en", "20 percent of 65 euros", "13"),
        ("en", "two thirds of 90 dollars", "60"),
        ("de", "20 Prozent von 65 Euro", "13"),
        ("fr", "un tiers de 750", "250"),
        ("de", "6 : 2", "3"),
        ("fr", "combien font quatre-vingt-dix-sept plus trois", "100"),
        ("fr", "soixante et onze moins un", "70"),
        ("en", "two thousand three hundred divided by 2", "1150"),
        ("de", "Was ist fünfundzwanzig mal vier?", "100"),
        ("de", "wie viel sind 15 Prozent von 80", "12"),
        ("de", "zweihundertdreiundvierzig geteilt durch 3", "81"),
        ("de", "Wurzel aus 2,25", "1,5"),
        ("de", "1.234,5 + 10.000", "11.234,5"),
        ("de", "zwei hoch zehn", "1024"),
    ],
)
def test_words(language: Language, expression: str, value: str) -> None:
    assert said(expression, language) == value


def test_rounded_values_say_so() -> None:
    assert said("10 / 3") == "10 / 3 ≈ 3.333333333"
    assert said("√2", "de") == "√2 ≈ 1,414213562"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1 / 0", "Nothing can be divided by zero."),
        ("0 ^ -1", "Nothing can be divided by zero."),
        ("9 ^ 9 ^ 9", "That number is too large for me."),
        ("2 ^ 99999", "That number is too large for me."),
        ("√(-1)", "No real number is the root of a negative one."),
        ("(0-8) ^ 0.5", "No real number is the root of a negative one."),
    ],
)
def test_what_has_no_value(expression: str, text: str) -> None:
    assert said(expression) == text


@pytest.mark.parametrize(
    "expression",
    [
        "two three",
        "2 +",
        "(2",
        "2)",
        "1 2",
        "1e5",
        "__import__('os')",
        "2 ** 3",
        "the meaning of life",
        "100 dollars in euros",
        "6:30",
        "the factorial of (9/3)",
        "repeat it three times",
        "(" * 60 + "1" + ")" * 60,
        "√" * 60 + "4",
        "1^" * 60 + "1",
    ],
)
def test_what_is_no_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        said(expression)
    assert caught.value.fields == [
        {"field": "expression", "error": "is no arithmetic that can be calculated"}
    ]


numbers = st.integers(0, 9999).map(str) | st.decimals(
    0, 9999, places=3, allow_nan=False, allow_infinity=False
).map(lambda number: f"{number:f}")
expressions = st.recursive(
    numbers,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        )
        | inner.map(lambda one: f"(-{one})")
    ),
    max_leaves=12,
)


@given(expressions)
def test_values_are_those_of_exact_fractions(expression: str) -> None:
    """Python evaluates the same text with fractions in the place of its numbers."""
    exact = __import__("re").sub(r"\d+(?:\.\d+)?", lambda n: f"Fraction('{n[0]}')", expression)
    try:
        wanted = eval(exact, {"Fraction": Fraction, "__builtins__": {}})
    except ZeroDivisionError:
        with pytest.raises(CalculationFailed) as caught:
            calculate(expression)
        assert caught.value.problem == "division_by_zero"
        return
    assert calculate(expression).value == wanted


@given(st.text("0123456789.+-*/^%√∛() ", max_size=200))
def test_any_signs_end_quickly(expression: str) -> None:
    try:
        value = calculate(expression).value
    except CalculationFailed:
        return
    assert max(value.numerator.bit_length(), value.denominator.bit_length()) <= 4_000


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_read(text: str, language: Language) -> None:
    assert isinstance(expression_reader(language).signs(text), str)


@given(st.integers(0, 10**12), st.integers(1, 1000))
def test_roots_of_squares_are_exact(number: int, under: int) -> None:
    square = Fraction(number, under) ** 2
    found = calculate(f"√({square.numerator}/{square.denominator})")
    assert (found.value, found.exact) == (Fraction(number, under), True)
    near = calculate(f"√{number}")
    assert math.isclose(float(near.value), math.sqrt(number), rel_tol=1e-12)


@given(st.integers(-(10**20), 10**20), st.integers(0, 10), st.sampled_from(LANGUAGES))
def test_numbers_are_read_as_they_are_written(number: int, places: int, language: Language) -> None:
    value, traits = Fraction(number, 10**places), load_traits(language)
    shown, whole = shown_number(value, traits)
    assert whole
    read = plain_number(shown.removeprefix("-"), traits)
    assert Fraction(read) == abs(value)
    assert Fraction(plain_text(value)) == value


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "what is sqrt(16)"), ("de", "was ist sqrt(16)"), ("fr", "combien fait sqrt(16)")],
)
def test_a_function_by_its_name_is_part_of_what_is_calculated(
    language: Language, text: str
) -> None:
    guesses = [Guess("sum", 0.99)]
    parsed = rules().by_intent(message(text), guesses, [])
    assert parsed is not None
    assert parsed.command == Calculate(expression="sqrt(16)")
    assert said("sqrt(16)", language) == "4"


def test_a_function_that_is_not_known_is_refused_rather_than_left_out() -> None:
    parsed = rules().by_intent(message("what is ln(5)"), [Guess("sum", 0.99)], [])
    assert parsed is not None
    assert parsed.command == Calculate(expression="ln(5)")
    with pytest.raises(ValidationFailed):
        said("ln(5)")
