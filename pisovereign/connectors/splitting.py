"""Long texts, as the several messages that messengers want them in."""

from __future__ import annotations

import re

LONGEST = 4096
"""Of one message at the messengers that there are, in units of UTF-16."""
# Where a text may be cut, the better places first: paragraphs, lines, sentences, words.
_PLACES = tuple(map(re.compile, (r"(\n\s*\n)", r"(\n)", r"[.!?…。！？][\"'”»)]*(\s+)", r"(\s+)")))
_LEAST = 0.5  # the part of a message that a better place may cost


def split(text: str, longest: int = LONGEST) -> list[str]:
    """Return the messages of a text, in order; each at most `longest` long, none of them blank.

    A cut falls between paragraphs, lines, sentences or words, in this order, unless that would
    leave more than half of a message empty. White space at a cut is left out, all else is kept.
    """
    parts = []
    rest = text.strip()
    while rest:
        part, rest = _cut(rest, longest)
        parts.append(part.rstrip())
        rest = rest.lstrip()
    return parts


def size(text: str) -> int:
    """Return the length of a text in units of UTF-16, as messengers do: most emoji are two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, longest: int) -> tuple[str, str]:
    if size(text) <= longest:
        return text, ""
    end = _fitting(text, longest)
    # One character further: white space there may be the place.
    window = text[: end + 1]
    for place in _PLACES:
        found = [match.span(1) for match in place.finditer(window)]
        if found and found[-1][0] >= end * _LEAST:
            start, stop = found[-1]
            return text[:start], text[stop:]
    return text[:end], text[end:]


def _fitting(text: str, longest: int) -> int:
    """Return how many characters of a text that is too long fit."""
    units = 0
    for index, character in enumerate(text):
        units += 1 + (character > "\uffff")
        if units > longest:
            return index
    return len(text)
