"""Languages: which there are, what they are recognized by, their words, and what is said in them.

A language is a folder of data here, named by its code (ISO 639-1). docs/languages.md says what is
in each file, and how to add one. No module names a language but by such a code.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

__all__ = [
    "LANGUAGES",
    "OTHERWISE",
    "Language",
    "Traits",
    "actions",
    "data_names",
    "detection",
    "letters",
    "load_data",
    "load_traits",
    "messages",
    "pasted_text",
    "patterns",
    "sentences",
    "words",
]

# The code of a language, which is the name of its folder.
Language = str
# What is spoken where nothing tells which language somebody speaks.
OTHERWISE: Language = "en"
_FOLDER = Path(__file__).parent
_FOUND = sorted(path.parent.name for path in _FOLDER.glob("*/language.toml"))
LANGUAGES: tuple[Language, ...] = (OTHERWISE, *(code for code in _FOUND if code != OTHERWISE))


class Traits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The properties of a language besides its words (`language.toml`).

    Attributes:
        name: What its speakers call it.
        stemmer: The Snowball algorithm that finds the stems of its words.
        letters: Letters by which it is recognized, in lower case.
        elided: Words of which only a letter or two and an apostrophe are left before a vowel, each
            without its apostrophe: the "l" of "l'heure".
        decimal: What separates the fraction of a number.
        thousands: What separates groups of three digits.
        answer: Asks a model to answer in it; empty: it does so anyway, as its prompt is in it.
    """

    name: str
    stemmer: str
    letters: str = ""
    elided: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ","
    answer: str = ""


def data_names(language: Language) -> list[str]:
    """Return the names of all data files of a language; those of folders in it have two parts."""
    folder = _FOLDER / language
    paths = (path.relative_to(folder) for path in folder.rglob("*.toml"))
    return sorted(path.with_suffix("").as_posix() for path in paths)


def load_data(language: Language, name: str) -> dict[str, Any]:
    """Return the tables of the data file `name` of a language."""
    return tomllib.loads((_FOLDER / language / f"{name}.toml").read_text(encoding="utf-8"))


def load_traits(language: Language) -> Traits:
    """Return what is to be known of a language besides its words."""
    return msgspec.convert(load_data(language, "language"), Traits)
