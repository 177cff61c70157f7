"""Conversion between units."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.actions.types import Completed
from pisovereign.actions.units import all_units, convert, find_units
from pisovereign.errors import ValidationFailed
from pisovereign.languages import LANGUAGES, Language, load_data
from tests.actions.support import CALLER, service

UNITS = all_units()


def said(amount: float, unit: str, to: str, language: Language = "en") -> str:
    actions = service()
    command = actions.command("convert_units", {"amount": amount, "unit": unit, "to": to})
    done = asyncio.run(actions.run(CALLER._replace(language=language), command))
    assert isinstance(done, Completed)
    return done.text


@pytest.mark.parametrize(
    ("amount", "unit", "to", "language", "text"),
    [
        (5, "miles", "kilometers", "en", "5 mi = 8.04672 km"),
        (100, "°F", "celsius", "en", "100 °F ≈ 37.77777778 °C"),
        (-40, "Grad Fahrenheit", "Grad Celsius", "de", "-40 °F = -40 °C"),
        (1.5, "Stunden", "Minuten", "de", "1,5 h = 90 min"),
        (2, "cups", "ml", "en", "2 cup = 473.176473 ml"),
        (3, "Esslöffel", "Milliliter", "de", "3 EL = 45 ml"),
        # An ounce is a mass, and beside milliliters a volume.
        (8, "ounces", "grams", "en", "8 oz = 226.796185 g"),
        (8, "ounces", "ml", "en", "8 fl oz = 236.5882365 ml"),
        (90, "km/h", "m/s", "en", "90 km/h = 25 m/s"),
        (1, "GB", "MiB", "en", "1 GB ≈ 953.6743164 MiB"),
        (1, "hectare", "square meters", "en", "1 ha = 10,000 m²"),
        (1, "kWh", "kJ", "en", "1 kWh = 3600 kJ"),
        (1, "bar", "hPa", "en", "1 bar = 1000 hPa"),
        (0.1, "m", "cm", "en", "0.1 m = 10 cm"),
    ],
)
def test_amounts(amount: float, unit: str, to: str, language: Language, text: str) -> None:
    assert said(amount, unit, to, language) == text


def test_what_measures_something_else_is_no_number() -> None:
    assert said(3, "meters", "kilograms") == (
        "m and kg do not measure the same, so one is no number of the other."
    )
    assert said(3, "Liter", "Meter", "de").startswith("l und m messen Verschiedenes")


@pytest.mark.parametrize(
    ("unit", "to", "fields"), [("dollars", "m", ["unit"]), ("x", "y", ["unit", "to"])]
)
def test_an_unknown_unit_is_named(unit: str, to: str, fields: list[str]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        said(1, unit, to)
    assert [error["field"] for error in caught.value.fields] == fields


amounts = st.fractions(-(10**9), 10**9)


@given(amounts, st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_there_and_back_again(amount: Fraction, one: object, two: object, three: object) -> None:
    same = [unit for unit in UNITS if unit.kind == getattr(one, "kind", None)]
    first, second, third = same[0], same[len(same) // 2], same[-1]
    there = convert(amount, first, second)
    assert convert(there, second, first) == amount
    assert convert(there, second, third) == convert(amount, first, third)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_that_of_a_unit(language: Language) -> None:
    signs = {unit.sign for unit in UNITS}
    for sign, names in load_data(language, "units")["names"].items():
        assert sign in signs
        for name in names:
            assert sign in {unit.sign for unit in find_units(name, language)}, name


def test_signs_are_found_as_they_are_written() -> None:
    found = {name: [unit.sign for unit in find_units(name, "en")] for name in ("MB", "Mbit", "mb")}
    assert found == {"MB": ["MB"], "Mbit": ["Mbit"], "mb": ["MB"]}
    assert find_units("m2", "en")[0].sign == "m²"
