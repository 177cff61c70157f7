"""Text as it is read aloud: without the marks of Markdown."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:[-*_][ \t]*){3,}$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\s]{0,2000}\)")
_MARKS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~)(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)")
_CODE = re.compile(r"`+([^`\n]{1,500})`+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def spoken_text(text: str) -> str:
    """Return a text as it is read aloud."""
    for pattern, instead in (
        (_FENCE, ""),
        (_RULE, ""),
        (_LINE_MARK, ""),
        (_LINK, r"\1"),
        (_CODE, r"\1"),
        (_MARKS, r"\2"),
        (_EMPTY_LINES, "\n\n"),
    ):
        text = pattern.sub(instead, text)
    return text.strip()
