"""Which language a text looks like, by sequences of three letters.

What is usual in a language is counted in all of its data files, so a language that is added is
recognized too.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from pisovereign.languages import LANGUAGES, Language, data_names, load_data
from pisovereign.languages.detection import language_of
from pisovereign.languages.words import caseless

_WORD = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_MOST_CHARACTERS = 1000
# The entry of `forms.toml` that holds no text of the language but names of intents.
_NO_TEXT = "form_order"
# What every sequence is assumed to have been seen, as if so often.
_ASSUMED = 0.5
# How much more likely one language has to be than the next, as a logarithm. With it, 239 of 255
# short sentences and questions without a stop word are told apart, 4 wrongly and 12 not at all.
_LEAST_MARGIN = 2.0


class _Profile(NamedTuple):
    """How often each sequence of letters occurs in a language, and all together."""

    counts: Counter[str]
    total: int


def likely_language(text: str) -> Language | None:
    """Return the language of a text by its stop words, else by its letters; None: not clear."""
    return language_of(text) or _by_letters(text)


def _by_letters(text: str) -> Language | None:
    sequences, (profiles, kinds) = list(_sequences(text[:_MOST_CHARACTERS])), _profiles()
    likely = sorted(
        (
            sum(
                math.log((profile.counts[one] + _ASSUMED) / (profile.total + _ASSUMED * kinds))
                for one in sequences
            ),
            code,
        )
        for code, profile in profiles.items()
    )
    if len(likely) > 1 and likely[-1][0] - likely[-2][0] < _LEAST_MARGIN:
        return None
    return likely[-1][1] if sequences else None


@functools.cache
def _profiles() -> tuple[dict[Language, _Profile], int]:
    """Return the profile of each language, and how many sequences there are in any of them."""
    profiles = {}
    for code in LANGUAGES:
        counts = Counter(
            sequence
            for name in data_names(code)
            for text in _texts(load_data(code, name))
            for sequence in _sequences(_PLACEHOLDER.sub(" ", text))
        )
        profiles[code] = _Profile(counts, counts.total())
    return profiles, len(set().union(*(profile.counts for profile in profiles.values())))


def _texts(data: Any) -> Iterator[str]:
    """Yield every text in the tables of a file."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for name, value in data.items():
            if name != _NO_TEXT:
                yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _sequences(text: str) -> Iterator[str]:
    """Yield each three letters in a row, a space being before and after a word."""
    for word in _WORD.findall(caseless(text)):
        padded = f" {word} "
        for at in range(len(padded) - 2):
            yield padded[at : at + 3]
