"""Where one request of a message may end and the next one begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pisovereign.languages.patterns import patterns_of_all
from pisovereign.languages.sentences import split_sentences

MOST_BOUNDARIES = 4
"""As many places of a message are tried."""

_SAID = patterns_of_all("planning")
_WORDS = r"(?:{and}|{then})(?:\s+(?:{and}|{then}))*".format(**_SAID)
_JOINT = re.compile(rf"\s*,\s+(?:{_WORDS}\s+)?|\s+{_WORDS}\s+", re.IGNORECASE)


class Halves(NamedTuple):
    """A message in two; both are to be requests of their own."""

    first: str
    rest: str


def halves_of(
    text: str, find_kept: Callable[[], Sequence[tuple[int, int]]] = tuple
) -> Iterator[Halves]:
    """Yield a message parted at each joint: the end of a sentence, a comma, "and", "then".

    What is quoted is never parted.

    Args:
        text: The message.
        find_kept: Returns where phrases stand that are not parted either: "next week". Called only
            if there is a joint at all.
    """
    found = 0
    kept: Sequence[tuple[int, int]] | None = None
    for start, end in _boundaries(text):
        kept = find_kept() if kept is None else kept
        if any(first < end and start < last for first, last in kept):
            continue
        halves = Halves(text[:start].strip(), text[end:].strip())
        if halves.first and halves.rest:
            yield halves
            found += 1
            if found == MOST_BOUNDARIES:
                return


def _boundaries(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for number, sentence in enumerate(split_sentences(text)):
        start = text.index(sentence.text, at)
        if number:
            yield start, start
        for place in _JOINT.finditer(sentence.masked):
            yield start + place.start(), start + place.end()
        at = start + len(sentence.text)
