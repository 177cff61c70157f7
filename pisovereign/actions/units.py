"""Units, what they are called, and exact conversion between those that measure the same.

Factors are data (`units.toml`), names are those of each language (`languages/<code>/units.toml`).
"""

from __future__ import annotations

import functools
import tomllib
from fractions import Fraction
from pathlib import Path

import msgspec

from pisovereign.languages import LANGUAGES, Language, load_data
from pisovereign.languages.words import caseless


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit: its sign, what it measures, its size in the unit of its kind, and where its 0 is."""

    sign: str
    kind: str
    factor: Fraction
    offset: Fraction


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    factor: str
    signs: tuple[str, ...] = ()
    offset: str = "0"


class Incompatible(Exception):
    """Two units that measure different things, each one's kind."""

    def __init__(self, unit: Unit, to: Unit) -> None:
        super().__init__(f"{unit.kind} is not {to.kind}")
        self.unit, self.to = unit, to


def find_units(name: str, language: Language) -> tuple[Unit, ...]:
    """Return the units that a name may mean, in a language or else in any; none: unknown.

    Signs are looked for as they are written first: a MB is no Mb, but "mb" may be one.
    """
    name = " ".join(name.split()).strip(".")
    if (unit := _by_sign().get(name)) is not None:
        return (unit,)
    form = caseless(name)
    for code in (language, *LANGUAGES):
        if found := _by_name(code).get(form):
            return found
    return _by_caseless_sign().get(form, ())


def choose_units(names: tuple[Unit, ...], others: tuple[Unit, ...]) -> tuple[Unit, Unit]:
    """Return the units of two names that measure the same: an ounce of water is a volume.

    Raises:
        Incompatible: None do.
    """
    for unit in names:
        for other in others:
            if unit.kind == other.kind:
                return unit, other
    raise Incompatible(names[0], others[0])


def convert(amount: Fraction, unit: Unit, to: Unit) -> Fraction:
    """Return an amount in another unit, exactly."""
    return (amount * unit.factor + unit.offset - to.offset) / to.factor


def all_units() -> tuple[Unit, ...]:
    """Return every unit there is."""
    return tuple(_units())


@functools.cache
def _units() -> dict[Unit, tuple[str, ...]]:
    data = tomllib.loads(Path(__file__).with_name("units.toml").read_text(encoding="utf-8"))
    kinds = msgspec.convert(data, dict[str, dict[str, _Entry]])
    return {
        Unit(
            sign=sign, kind=kind, factor=Fraction(entry.factor), offset=Fraction(entry.offset)
        ): entry.signs
        for kind, entries in kinds.items()
        for sign, entry in entries.items()
    }


@functools.cache
def _by_sign() -> dict[str, Unit]:
    return {sign: unit for unit, signs in _units().items() for sign in (unit.sign, *signs)}


@functools.cache
def _by_caseless_sign() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, tuple[Unit, ...]] = {}
    for sign, unit in _by_sign().items():
        form = caseless(sign)
        found[form] = (*found.get(form, ()), unit)
    return found


@functools.cache
def _by_name(language: Language) -> dict[str, tuple[Unit, ...]]:
    names = msgspec.convert(load_data(language, "units"), dict[str, dict[str, list[str]]])["names"]
    found: dict[str, tuple[Unit, ...]] = {}
    for sign, called in names.items():
        for name in called:
            form = caseless(name)
            found[form] = (*found.get(form, ()), _by_sign()[sign])
    return found
