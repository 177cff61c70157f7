"""Blocks of text that were read from a file, each with its place."""

from __future__ import annotations

from typing import Literal

import msgspec

Format = Literal["text", "markdown", "pdf", "docx", "odt", "html", "eml", "ics"]

MEDIA_TYPES: dict[Format, str] = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "html": "text/html",
    "eml": "message/rfc822",
    "ics": "text/calendar",
}

ENCRYPTED = "it is encrypted: save it without a password first"
MOST_CHARACTERS = 8_000_000
"""Of a document's text; some 4,000 pages."""
MOST_BLOCKS = 100_000
_DEEPEST = 6  # headings are in each other
MOST_DEPTH = 200
"""Of elements in each other."""


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """A paragraph, a line of a table, or a heading.

    Attributes:
        text: On one line or several, never empty.
        level: Of a heading, 1 the highest; 0: it is none.
        page: The number of its page, from 1; 0: the format has none.
    """

    text: str
    level: int = 0
    page: int = 0


class Parsed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The text of a file, or why it cannot be read.

    Attributes:
        blocks: In the order in which they are read.
        title: What the file calls itself.
        pages: How many it has; 0: the format has none.
        problem: Why there are no blocks, for whoever sent it.
    """

    blocks: list[Block] = []
    title: str = ""
    pages: int = 0
    problem: str = ""


def is_usual(parsed: Parsed) -> bool:
    """Return whether a text is within the limits that `Collector` keeps.

    Whoever reads what hostile bytes may have made of it has to ask.
    """
    return (
        len(parsed.blocks) <= MOST_BLOCKS
        and sum(len(block.text) for block in parsed.blocks) <= MOST_CHARACTERS
        and all(
            block.text and 0 <= block.level <= _DEEPEST and 0 <= block.page <= MOST_BLOCKS
            for block in parsed.blocks
        )
        and 0 <= parsed.pages <= MOST_BLOCKS
    )


class Unreadable(Exception):
    """A file cannot be read; the text says why, and holds nothing of the file."""


class Collector:
    """Takes blocks up to what a document may have."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._characters = 0

    def add(self, text: str, *, level: int = 0, page: int = 0) -> None:
        """Add a block, unless there is nothing in it.

        Raises:
            Unreadable: there are too many of them, or too much text.
        """
        text = visible(text)
        if not text:
            return
        self._characters += len(text)
        if self._characters > MOST_CHARACTERS or len(self.blocks) >= MOST_BLOCKS:
            raise Unreadable("it holds more text than a document may have")
        self.blocks.append(Block(text, level, page))


def visible(text: str) -> str:
    """Return text with one space for each run of spaces, line ends kept, nothing that hides."""
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
    return "\n".join(kept for line in lines if (kept := " ".join(line.split())))
