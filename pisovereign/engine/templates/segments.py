"""A rendered prompt: control tokens that come from the template, and text in between.

Plain `str` is text that the tokenizer must treat as text, so nothing that a user, a tool or a
document writes can become a control token.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Special:
    """A token that only the template can write, by its text in the vocabulary."""

    text: str


Segment = Special | str
