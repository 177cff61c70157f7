"""Which language a text is in, and which one a client prefers."""

from __future__ import annotations

import re
from collections import Counter

from pisovereign.languages import LANGUAGES, OTHERWISE, Language, load_traits
from pisovereign.languages.words import STOP_WORDS_OF, split_words, word_list

# Whole words: "de" in the name "e3de9" is none.
_LETTERS = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_MOST_CHARACTERS = 1000
_FEW_WORDS = 3
_RANGE = re.compile(
    r"\s*([a-z]{2,8})(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE
)
_LONGEST_HEADER = 1000


def _of_one_language(words: dict[Language, frozenset[str]]) -> dict[str, tuple[Language, ...]]:
    """Return which languages have each word; a word of all of them tells nothing."""
    every = frozenset().union(*words.values())
    having = {word: tuple(code for code in LANGUAGES if word in words[code]) for word in every}
    return {word: codes for word, codes in having.items() if len(codes) < len(LANGUAGES)}


_STOP_WORDS = _of_one_language(STOP_WORDS_OF)
_MESSAGE_WORDS = _of_one_language(
    {code: STOP_WORDS_OF[code] | word_list(code, "command_words") for code in LANGUAGES}
)
_CHARACTERS = {code: frozenset(load_traits(code).letters) for code in LANGUAGES}


def detect_language(message: str, default: Language) -> Language:
    """Return the language to answer a message in; `default` when its words do not tell."""
    return _best(_points_of_message(message)) or default


def written_language(message: str, own: Language) -> Language | None:
    """Return the language that a message certainly is in; None: not clear, or none of ours.

    A question in a language that there is no data for may have some words of one that there is. So
    either the language is what its writer reads, or most of the words are of it. A word or two that
    tell none are in the writer's own.
    """
    words = _LETTERS.findall(message[:_MOST_CHARACTERS].casefold())
    found = _best(_points_of_message(message))
    if found is None:
        return own if len(words) <= _FEW_WORDS else None
    own_words = sum(found in _MESSAGE_WORDS.get(word, ()) for word in words)
    return found if found == own or own_words * 2 > len(words) else None


def possible_languages(message: str) -> tuple[Language, ...]:
    """Return the languages that a message has words or letters of; if it has none, all."""
    return detect_languages(message)[1]


def detect_languages(message: str) -> tuple[Language | None, tuple[Language, ...]]:
    """Return what a message is in (None: its words do not tell), and what it may be in."""
    points = _points_of_message(message)
    return _best(points), tuple(code for code in LANGUAGES if points[code]) or LANGUAGES


def language_of(text: str) -> Language | None:
    """Return the language that more of the stop words are of than of any other; None: unknown.

    Letters that only some languages have count as one such word.
    """
    return _best(_points(split_words(text), _STOP_WORDS) + _by_letters(text))


def accepted_language(header: str | None) -> Language:
    """Return what an `Accept-Language` header weighs more, of equals the first; else English."""
    return named_language(header) or OTHERWISE


def named_language(header: str | None) -> Language | None:
    """Do the same; None: it names no language that there is."""
    ranges = [_RANGE.fullmatch(part) for part in (header or "")[:_LONGEST_HEADER].split(",")]
    weighted = [(float(r[2] or 1), r[1].lower()) for r in ranges if r]
    known = [(weight, code) for weight, code in weighted if weight and code in LANGUAGES]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _points_of_message(message: str) -> Counter[Language]:
    text = message[:_MOST_CHARACTERS]
    points = _points(_LETTERS.findall(text.casefold()), _MESSAGE_WORDS)
    return points + _by_letters(text)


def _points(words: list[str], having: dict[str, tuple[Language, ...]]) -> Counter[Language]:
    return Counter(code for word in words for code in having.get(word, ()))


def _by_letters(text: str) -> Counter[Language]:
    letters = frozenset(text.lower())
    return Counter(code for code, own in _CHARACTERS.items() if own & letters)


def _best(points: Counter[Language]) -> Language | None:
    """Return the language with the most points; None if there are several such, or none."""
    ranked = points.most_common(2)
    tied = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
    return ranked[0][0] if ranked and not tied else None
