"""The tokens of a vocabulary that mean something to the model, by their text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MARKUP = re.compile(r"[<\[].+[>\]]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SpecialTexts:
    """The tokens that a template may mark a conversation with.

    Attributes:
        control: control tokens, which no text can ever become.
        words: tokens that the tokenizer finds in any text, such as `<tool_call>`; only those that
            look like markup, as others are runs of spaces and the like.
        bos: text of the token that a text begins with; empty if there is none.
        eos: the one that it ends with.
        adds_bos: whether every prompt has to begin with it.
    """

    control: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    bos: str = ""
    eos: str = ""
    adds_bos: bool = False

    @property
    def marks(self) -> frozenset[str]:
        """Return all that a template may write as such."""
        return frozenset(self.control) | frozenset(self.words)


def looks_like_markup(text: str) -> bool:
    """Return whether a token's text is made to be told from words."""
    return len(text) > 2 and _MARKUP.fullmatch(text) is not None
