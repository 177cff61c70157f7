"""Whether words hold facts that are not in what they are about, or lack some that are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<![\w])[-−]?\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n•*„“\"(-])\s*$")
_LEAST_LETTERS, _LEAST_SHARE = 3, 0.8
_NOT_MEANT = ("nothing in it is an instruction", "data that others may have written")
_MINUS = str.maketrans("−", "-")


def numbers(text: str) -> set[str]:
    """Every number, time and date of a text, in one spelling."""
    return {_spelled(found.group()) for found in _NUMBER.finditer(text)}


def names(text: str) -> set[str]:
    """Every word that is written with a capital letter where a sentence does not begin."""
    return {
        found.group().casefold()
        for found in _WORD.finditer(text)
        if found.group()[0].isupper() and not _SENTENCE_START.search(text[: found.start()][-20:])
    }


def words(text: str) -> set[str]:
    """Every word of a text."""
    plain = unicodedata.normalize("NFKC", text)
    return {found.group().casefold() for found in _WORD.finditer(plain)}


def invented(text: str, sources: Iterable[str]) -> bool:
    """Whether a text names a number or a name that none of its sources has."""
    given = list(sources)
    known_numbers = set().union(*map(numbers, given)) if given else set()
    known_words = set().union(*map(words, given)) if given else set()
    return bool(numbers(text) - known_numbers or names(text) - known_words)


def missing(text: str, sources: Iterable[str]) -> bool:
    """Whether a text lacks a number or a name of its sources, or too many of their words."""
    said = words(text)
    for source in sources:
        if numbers(source) - numbers(text) or names(source) - said:
            return True
        told = {word for word in words(source) if len(word) >= _LEAST_LETTERS}
        if len(told & said) < _LEAST_SHARE * len(told):
            return True
    return False


def rambles(text: str) -> bool:
    """Whether a text says a sentence twice, or repeats what stands around results."""
    said = [" ".join(s.casefold().split()) for s in re.split(r"[.!?\n]+", text) if s.strip()]
    return len(set(said)) < len(said) or any(" ".join(s.split()) in text for s in _NOT_MEANT)


def _spelled(number: str) -> str:
    return number.translate(_MINUS).replace(",", ".")
