"""Text of strangers, made fit to be shown: one direction, nothing hidden, a bounded length."""

from __future__ import annotations

import re
import unicodedata

# Formatting characters that words of some languages, and emoji, are written with.
_JOINERS = frozenset("\u200c\u200d")
_TAGS = range(0xE0000, 0xE1000)  # invisible copies of ASCII, and variants of ideographs
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters without a picture
_MOST_MARKS = 4  # on one letter; some languages need three
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def one_line(text: str, most: int) -> str:
    """Return the text in one line of at most `most` characters; what is left out is marked."""
    words = " ".join(clean_text(text[: _room(most)]).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def text_block(text: str, most: int) -> str:
    """Return the text in lines, without more than one empty one at a time."""
    cleaned = _SPACES.sub(" ", clean_text(text[: _room(most)]))
    lines = "\n".join(line.strip() for line in cleaned.split("\n"))
    shown = _EMPTY_LINES.sub("\n\n", lines).strip()
    return shown if len(shown) <= most else f"{shown[: most - 1].rstrip()}…"


def clean_text(text: str) -> str:
    """Leave out what is invisible, or changes how the rest is seen.

    That is control characters, also those that turn the direction of writing around, invisible
    ones, private ones, and heaps of marks on a letter. Lines end with a line feed.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if char == "\n":
            kept.append(char)
        elif char == "\t" or category in {"Zl", "Zp", "Zs"} or char in _BLANK:
            kept.append(" ")
        elif char in _JOINERS:
            # Between letters or emoji one joiner says something; a run of them hides something.
            if kept and kept[-1] not in _JOINERS:
                kept.append(char)
        elif category not in _HIDDEN and ord(char) not in _TAGS and marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _room(most: int) -> int:
    """Return how much of a text is looked at: there may be much space in it."""
    return 16 * most + 4096
