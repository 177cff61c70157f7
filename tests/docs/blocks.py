"""Fenced code blocks of the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent

_BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One block: its language, the word after that (or ""), and its text."""

    language: str
    kind: str
    text: str


def blocks(markdown: str) -> list[Block]:
    """All fenced blocks, in order."""
    return [Block(language, kind or "", text) for language, kind, text in _BLOCK.findall(markdown)]


def read(name: str) -> str:
    """A page, by its path in the repository."""
    return (ROOT / name).read_text(encoding="utf-8")
