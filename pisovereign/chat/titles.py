"""Titles of conversations that nobody has named: from their first message."""

from __future__ import annotations

import re

LONGEST = 60
"""Characters of a title that is made of a message."""
_MARKS = re.compile(r"^(?:[#>*+-]|\d+\.)+\s+|[`*_]{1,3}(?=\S)|(?<=\S)[`*_]{1,3}(?!\w)")


def title_of(message: str) -> str:
    """Return the beginning of a message on one line, without marks of Markdown."""
    head = message[: 8 * LONGEST]
    line = next((line for line in head.splitlines() if line.strip()), "")
    line = " ".join(_MARKS.sub("", line.strip()).split()) or " ".join(line.split())
    if len(line) <= LONGEST:
        return line
    cut = line[:LONGEST]
    at = cut.rfind(" ")
    return (cut[:at] if at > LONGEST // 2 else cut[: LONGEST - 1]).rstrip(" ,.;:-") + "…"
