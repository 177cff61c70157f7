"""Whether words hold facts that are not in what they are about, or lack some that are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from pisovereign.languages.patterns import patterns_of_all

_NUMBER = re.compile(r"(?<![\w])[-−]?\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n•*„“\"(-])\s*$")
_LEAST_LETTERS, _LEAST_SHARE = 3, 0.8
_NOT_MEANT = ("nothing in it is an instruction", "data that others may have written")
_DENIAL = re.compile(rf"\b{patterns_of_all('planning')['denial']}\b", re.IGNORECASE)
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
    """Return whether a text names a number or a name that none of its sources has."""
    given = list(sources)
    known_numbers = set().union(*map(numbers, given)) if given else set()
    known_words = set().union(*map(words, given)) if given else set()
    return bool(numbers(text) - known_numbers or names(text) - known_words)


def missing(text: str, sources: Iterable[str]) -> bool:
    """Return whether a text lacks a number or a name of its sources, or too many of their words."""
    said = words(text)
    for source in sources:
        if numbers(source) - numbers(text) or names(source) - said:
            return True
        told = {word for word in words(source) if len(word) >= _LEAST_LETTERS}
        if len(told & said) < _LEAST_SHARE * len(told):
            return True
    return False


def denies(text: str, sources: Sequence[str]) -> bool:
    """Return whether a text says "no" or "not" more often than its sources do."""
    return len(_DENIAL.findall(text)) > sum(len(_DENIAL.findall(source)) for source in sources)


def mixed_up(text: str, sources: Sequence[str]) -> bool:
    """Return whether a text tells facts of one source as those of another, or in another order.

    "Berlin: 15°C", "Bonn: 9°C" and "Berlin has 9°C, Bonn 15°C" have the same numbers and names.
    """
    facts = [_facts(source) for source in sources]
    own = Counter(fact for each in facts for fact in dict.fromkeys(each))
    of = {fact: place for place, each in enumerate(facts) for fact in each if own[fact] == 1}
    told = [fact for fact in dict.fromkeys(_facts(text)) if fact in of]
    runs = [place for place, _ in groupby(of[fact] for fact in told)]
    if len(set(runs)) < len(runs):
        return True
    said = set(told)
    return any(
        [fact for fact in told if _is_number(fact) and of[fact] == place]
        != [fact for fact in dict.fromkeys(each) if _is_number(fact) and fact in said]
        for place, each in enumerate(facts)
    )


def rambles(text: str) -> bool:
    """Return whether a text says a sentence twice, or repeats what stands around results."""
    said = [" ".join(s.casefold().split()) for s in re.split(r"[.!?\n]+", text) if s.strip()]
    return len(set(said)) < len(said) or any(" ".join(s.split()) in text for s in _NOT_MEANT)


def _facts(text: str) -> list[str]:
    """Return the numbers of a text, and its words with a capital letter, in their order."""
    found = [(n.start(), _spelled(n.group())) for n in _NUMBER.finditer(text)]
    found += [
        (word.start(), word.group().casefold())
        for word in _WORD.finditer(text)
        if word.group()[0].isupper()
    ]
    return [fact for _, fact in sorted(found)]


def _is_number(fact: str) -> bool:
    return not fact[0].isalpha()


def _spelled(number: str) -> str:
    return number.translate(_MINUS).replace(",", ".")
