"""How a language claims deeds: the data of `languages/<code>/claims.toml`, and its words."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import msgspec

from pisovereign.languages import Language, load_data

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*['’]?")
# What is denied before one of these says nothing about what comes after it.
CLAUSE_END = re.compile(r"[,;:–—]|\s-\s")
BREAK = ","
"""What stands for the end of a clause among words."""
GAP = "…"
LONGEST_GAP = 12
"""Words that a gap of a form is at most."""
SHOWN_BEFORE = "|"
"""What of a form is before it may be shown before the rest is known."""


class _Forms(msgspec.Struct, frozen=True):
    """The forms of claims: anywhere in a sentence, and at its beginning."""

    claims: tuple[str, ...]
    openings: tuple[str, ...]


class ClaimData(msgspec.Struct, frozen=True):
    """A data file of claims: lists of words by their names, and forms over them."""

    contractions: dict[str, str]
    words: dict[str, str]
    forms: _Forms


@functools.cache
def claim_data(language: Language) -> ClaimData:
    """Return the data of a language."""
    data = msgspec.convert(load_data(language, "claims"), ClaimData)
    straight = {short.replace("’", "'"): long for short, long in data.contractions.items()}
    return msgspec.structs.replace(data, contractions=straight)


def entries(text: str) -> set[str]:
    """Return the words of a list, or its phrases if there are commas in it."""
    parts = text.split(",") if "," in text else text.split()
    return {" ".join(part.split()).casefold() for part in parts} - {""}


def normalized(sentence: str, contractions: Mapping[str, str]) -> str:
    """Return caseless words with a blank around each, contractions as several, commas between."""
    text = sentence.casefold().replace("’", "'")
    parts = []
    for clause in CLAUSE_END.split(text):
        words = (word.strip("'") for word in WORD.findall(clause))
        parts.append(" ".join(contractions.get(word, word) for word in words))
    return f" {f' {BREAK} '.join(parts)} "
