"""Finding what somebody means among the titles of stored things.

A word fits one of the same stem, and one that differs by a single mistake; the words that every
text is full of do not count. What fits all of the words is meant, else what fits most of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

from Stemmer import Stemmer as Snowball

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.words import STOP_WORDS, one_edit_apart, split_words

T = TypeVar("T")
# Shorter words are other words when one letter is another one.
_SHORTEST_MISSPELLED = 5
_SHORTEST_PART = 4
_LEAST_SHARE = 0.5


def matching(about: str, things: Sequence[T], title: Callable[[T], str]) -> list[T]:
    """Return the things whose titles fit the words best; none if fewer than half of them do.

    Words that say nothing, as in "that one", fit everything: unless a title has them, since a word
    that says nothing in one language is a thing in another.
    """
    words = split_words(about)
    wanted = [word for word in words if word not in STOP_WORDS]
    shares = [_share(wanted or words, split_words(title(thing))) for thing in things]
    best = max(shares, default=0.0)
    if best < _LEAST_SHARE:
        return [] if wanted else list(things)
    return [thing for thing, share in zip(things, shares, strict=True) if share == best]


def fitting(about: str, things: Sequence[T], title: Callable[[T], str]) -> list[T]:
    """Return the things whose titles have all of the words; none if they only say nothing."""
    wanted = [word for word in split_words(about) if word not in STOP_WORDS]
    return [t for t in things if wanted and _share(wanted, split_words(title(t))) == 1]


def _share(wanted: Sequence[str], words: Sequence[str]) -> float:
    return sum(any(_same(one, word) for word in words) for one in wanted) / max(1, len(wanted))


def _same(wanted: str, word: str) -> bool:
    if wanted == word or _stems(wanted) & _stems(word):
        return True
    # A part of a compound: "Müll" is meant by "Mülltonne", and the other way around.
    shorter, longer = sorted((wanted, word), key=len)
    if len(shorter) >= _SHORTEST_PART and longer.startswith(shorter):
        return True
    return len(shorter) >= _SHORTEST_MISSPELLED and one_edit_apart(shorter, longer)


@functools.lru_cache(maxsize=4096)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stemmer.stemWord(word) for stemmer in _stemmers())


@functools.cache
def _stemmers() -> tuple[Snowball, ...]:
    # A stemmer of its own: those of searches are used by other threads.
    return tuple(Snowball(load_data(language, "language")["stemmer"]) for language in LANGUAGES)
