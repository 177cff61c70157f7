"""Placeholders: what stands for a mark while a prompt is put together.

A mark is a token that means something to the model. Its placeholder is a noncharacter of Unicode,
which is taken out of all that others wrote. So a placeholder in a prompt comes from our text, or
from the template's own, whatever was cut off, replaced or put together on the way; and all the rest
is text, also where it looks like a mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.engine.templates.segments import Segment, Special

_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)] + [
    chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)
]
_PLACEHOLDER = re.compile(f"([{''.join(_NONCHARACTERS)}])")
MOST_MARKS = len(_NONCHARACTERS)


class OwnText(str):
    """Text of ours, in which placeholders are marks."""

    __slots__ = ()


class Placeholders:
    """One for each of at most `MOST_MARKS` marks.

    Args:
        marks: their texts.
    """

    def __init__(self, marks: Sequence[str]) -> None:
        # The longest first: one may begin with another.
        ordered = sorted(marks, key=lambda mark: (-len(mark), mark))
        self._by_text = dict(zip(ordered, _NONCHARACTERS, strict=False))
        self._marks = {char: Special(mark) for mark, char in self._by_text.items()}
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def literal(self, text: str) -> str:
        """Return a text with the placeholder of each mark that is in it."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._by_text[found[0]], text)

    def own_text(self, pattern: str, *texts: str) -> OwnText:
        """Return a text of ours, in which there may be marks, with a text of others for each `{}`.

        In those nothing is a mark, unless they are `OwnText` themselves.
        """
        clean = [t if isinstance(t, OwnText) else without_placeholders(t) for t in texts]
        return OwnText(self.literal(pattern).format(*clean))

    def split(self, text: str) -> list[Segment]:
        """Return the marks and the texts between them."""
        return [self._marks.get(piece, piece) for piece in _PLACEHOLDER.split(text) if piece]


def without_placeholders(text: str) -> str:
    """Return a text of others without noncharacters, which no text has a use for."""
    return text if text.isascii() else _PLACEHOLDER.sub("", text)
