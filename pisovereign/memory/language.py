"""Which language a text is in, as far as searching needs to know."""

from __future__ import annotations

from pisovereign.languages.stopwords import ENGLISH, GERMAN
from pisovereign.memory.terms import words


def is_english(text: str) -> bool:
    """Whether more of the small words are English than German."""
    found = words(text)
    english = sum(word in ENGLISH and word not in GERMAN for word in found)
    return english > sum(word in GERMAN and word not in ENGLISH for word in found)
