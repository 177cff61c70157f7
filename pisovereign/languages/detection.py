"""Which of the two languages a text is in, and which one a client prefers."""

from __future__ import annotations

import re

from pisovereign.languages import Language
from pisovereign.languages.words import STOP_WORDS_OF, split_words, word_list

_LETTERS = re.compile(r"[^\W\d_]+")
_GERMAN_LETTER = re.compile("[äöüß]")
_MOST_CHARACTERS = 1000
_ONLY_ENGLISH = STOP_WORDS_OF["en"] - STOP_WORDS_OF["de"]
_ONLY_GERMAN = STOP_WORDS_OF["de"] - STOP_WORDS_OF["en"]
_ENGLISH_MESSAGE = (STOP_WORDS_OF["en"] | word_list("en", "command_words")) - STOP_WORDS_OF["de"]
_GERMAN_MESSAGE = (STOP_WORDS_OF["de"] | word_list("de", "command_words")) - STOP_WORDS_OF["en"]
_RANGE = re.compile(r"\s*(en|de)(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)
_LONGEST_HEADER = 1000


def detect_language(message: str, default: Language) -> Language:
    """Return the language to answer a message in; `default` when its words do not tell."""
    text = message[:_MOST_CHARACTERS]
    words = _LETTERS.findall(text.casefold())
    english = sum(word in _ENGLISH_MESSAGE for word in words)
    german = sum(word in _GERMAN_MESSAGE for word in words)
    german += bool(_GERMAN_LETTER.search(text.lower()))
    if english == german:
        return default
    return "de" if german > english else "en"


def is_english(text: str) -> bool:
    """Return whether more of the stop words are English than German, as searches need to know."""
    words = split_words(text)
    english = sum(word in _ONLY_ENGLISH for word in words)
    return english > sum(word in _ONLY_GERMAN for word in words)


def accepted_language(header: str | None) -> Language:
    """Return what an `Accept-Language` header weighs more, of equals the first; else English."""
    ranges = [_RANGE.fullmatch(part) for part in (header or "")[:_LONGEST_HEADER].split(",")]
    weighted = [(float(r[2] or 1), r[1].lower()) for r in ranges if r]
    weight, language = max(weighted, key=lambda pair: pair[0], default=(0.0, "en"))
    return "de" if weight and language == "de" else "en"
