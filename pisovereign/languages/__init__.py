"""Languages: which there are, what they are recognized by, their words, and what is said in them.

What is data about a language is in a folder of its own, named by its code: `words.toml` (by which
it is recognized), `commands.toml`, `queries.toml` and `examples.toml` (what people ask for), and
`messages.toml` (what is said to them). Time expressions are code, in `parsing/times`, as their
patterns are made of each other.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

__all__ = ["LANGUAGES", "Language", "detection", "load_data", "messages", "sentences", "words"]

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def load_data(language: Language, name: str) -> dict[str, Any]:
    """Return the tables of the data file `name` of a language."""
    path = Path(__file__).parent / language / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
