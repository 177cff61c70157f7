"""The words of a text, and which of them say nothing about what it is about."""

from __future__ import annotations

import re
import unicodedata

from pisovereign.languages import LANGUAGES, Language, load_data, load_traits
from pisovereign.languages.patterns import either

WORD_PATTERN = r"\w+(?:['’]\w+)*"
_WORD = re.compile(WORD_PATTERN)
# "L'heure" is "heure": what is left of a word before a vowel is none.
_ELIDED = re.compile(
    rf"(?<![\w'’])(?:{either(word for code in LANGUAGES for word in load_traits(code).elided)})"
    r"['’](?=\w)"
)
_STRAIGHT = str.maketrans("’‘`´", "''''")


def word_list(language: Language, name: str) -> frozenset[str]:
    """Return a list of words of a language, caseless."""
    return frozenset(word.casefold() for word in load_data(language, "words")[name].split())


STOP_WORDS_OF: dict[Language, frozenset[str]] = {
    language: word_list(language, "stop_words") for language in LANGUAGES
}
STOP_WORDS = frozenset().union(*STOP_WORDS_OF.values())


def split_words(text: str) -> list[str]:
    """Return the words of a text, caseless (`Straße` is `strasse`)."""
    return _WORD.findall(_ELIDED.sub("", caseless(text)))


def caseless(text: str) -> str:
    """Return the form in which texts are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def straightened(text: str) -> str:
    """Return a text with one form of each letter and of the apostrophe."""
    return unicodedata.normalize("NFC", text).translate(_STRAIGHT)


def lowered(text: str) -> str:
    """Return a text in lower case; letters that would become two stay, to keep its length."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def one_edit_apart(one: str, other: str) -> bool:
    """Return whether a letter is missing, too many, another one, or changed places; or none."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if same is None:
        return True
    rest, other_rest = one[same:], other[same:]
    if len(one) == len(other):
        swapped = rest[1::-1] + rest[2:]
        return rest[1:] == other_rest[1:] or swapped == other_rest
    return shorter[same:] == longer[same + 1 :]
