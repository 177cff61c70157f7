"""The words of a text as the database may see them: keyed hashes of their stems.

Without the key a hash tells nothing about its word, and equal words of two users have different
hashes. So the database can count and rank by words that it cannot read.
"""

from __future__ import annotations

import functools
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from Stemmer import Stemmer as Snowball

from pisovereign.languages import LANGUAGES, Language, load_traits
from pisovereign.languages.words import STOP_WORDS, WORD_PATTERN, caseless, split_words

# Also symbols that mean something: C++ is not C, -5 is not 5, and emoji differ.
_WORD_OR_SYMBOL = re.compile(WORD_PATTERN + r"""|-(?=\d)|[^\w\s.,;:!?"'’‘“”„»«()\[\]…–—-]""")
_LARGEST_COUNT = 32_767
# They take 370 bytes each; eight times as many made the words of a text by a tenth quicker.
_REMEMBERED_WORDS = 1024
_END_LETTERS = 5
# What an end of a word, or its stem in another language than the text's, counts of the stem itself.
# With 1, long words count four times as much as short ones; XQuAD by words alone .939 German and
# .956 English instead of .945 and .964.
_OTHER_FORMS = 0.3


class Terms(NamedTuple):
    """The different terms of a text, how often each occurs, and how many there are in all."""

    hashes: array[int]
    counts: array[int]
    length: int


class QueryTerms(NamedTuple):
    """The different terms of a question, and how much each counts, above 0 to 1."""

    hashes: array[int]
    weights: array[float]


class Word(NamedTuple):
    """The stems of a word, those that differ, and what is between it and the word before."""

    stems: tuple[str, ...]
    before: str


class TermHasher:
    """Hashes words for one installation; `key` is its 32-byte master key."""

    def __init__(self, key: bytes, stemmer: Stemmer) -> None:
        self._key = key
        self._stemmer = stemmer

    def terms(self, user: UUID, *texts: str) -> Terms:
        """Return the terms of the texts together.

        What two of them say is said once: a summary repeats its content.
        """
        key, parts = self._user_key(user), Counter[str]()
        for text in texts:
            parts |= Counter(self._stemmer.parts(text))
        return Terms(
            hashes=array("q", (_hash(part, key) for part in parts)),
            counts=array("i", (min(count, _LARGEST_COUNT) for count in parts.values())),
            length=parts.total(),
        )

    def query(self, user: UUID, text: str, language: Language | None) -> QueryTerms:
        """Return what to look for when `text`, of that language, is asked."""
        key, parts = self._user_key(user), self._stemmer.weighted_parts(text, language)
        return QueryTerms(
            hashes=array("q", (_hash(part, key) for part in parts)),
            weights=array("f", parts.values()),
        )

    def _user_key(self, user: UUID) -> bytes:
        return blake2b(
            key=self._key, salt=user.bytes, person=b"pisovereign-term", digest_size=32
        ).digest()


class Stemmer:
    """Words to stems, in every language at once."""

    def __init__(self) -> None:
        # The stemmers' own cache is of no use behind the one below.
        snowballs = [Snowball(load_traits(code).stemmer, 0) for code in LANGUAGES]

        @functools.lru_cache(_REMEMBERED_WORDS)
        def stem_by_language(word: str) -> tuple[str, ...]:
            return tuple(snowball.stemWord(word) for snowball in snowballs)

        self._stem_by_language = stem_by_language

    def _stems(self, word: str) -> tuple[str, ...]:
        # Texts often mix languages, and a query is too short to tell its own.
        return tuple(dict.fromkeys(self._stem_by_language(word)))

    def sequence(self, text: str, *, without: frozenset[str]) -> list[Word]:
        """Return the words of a text in order, without some; symbols count as words."""
        text, found, end = caseless(text), [], 0
        for match in _WORD_OR_SYMBOL.finditer(text):
            if match[0] not in without:
                found.append(Word(self._stems(match[0]), text[end : match.start()]))
                end = match.end()
        return found

    def parts(self, text: str) -> Iterator[str]:
        """Yield everything that words are found by: their stems, and both ends of long ones.

        A German compound shares an end with the word it is made of: Zahnarzttermin, Zahnarzt. All
        its sequences of letters would find a little more, but hashes of those can be deciphered:
        there are few of them, and it is known how frequent each is.
        """
        for word in split_words(text):
            if word in STOP_WORDS:
                continue
            yield from self._stems(word)
            if len(word) >= _END_LETTERS:
                yield f"{word[:_END_LETTERS]}*"
                yield f"*{word[-_END_LETTERS:]}"

    def weighted_parts(self, text: str, language: Language | None) -> dict[str, float]:
        """Return what the words of a question are found by, and how much each counts.

        The stem in the language of the question counts 1, and so do all stems if that is unknown.
        """
        main = None if language is None else LANGUAGES.index(language)
        weights: dict[str, float] = {}
        for word in split_words(text):
            if word in STOP_WORDS:
                continue
            for place, stem in enumerate(self._stem_by_language(word)):
                own = main is None or place == main
                weights[stem] = max(weights.get(stem, 0.0), 1.0 if own else _OTHER_FORMS)
            if len(word) >= _END_LETTERS:
                for end in (f"{word[:_END_LETTERS]}*", f"*{word[-_END_LETTERS:]}"):
                    weights.setdefault(end, _OTHER_FORMS)
        return weights


def _hash(part: str, key: bytes) -> int:
    """Return 64 bits, signed as PostgreSQL's bigint is."""
    digest = blake2b(part.encode(), key=key, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
