"""Making it unlikely that an answer begins as an earlier one of its conversation did.

Small models copy what they have said before, whatever they are asked. So after the first token that
the beginnings have in common the next one of the earlier answer gets less likely, and more so with
each, but only for a few: there an answer can take other words. Where it has come further it is let
alone: what it says by then depends on it, and the same question may have the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
_MOST_COMPARED = 8
"""The newest answers; older ones are rarely copied."""
_AMOUNTS = (0.0, 1.5, 3.0, 4.5, 4.5)
"""What is taken from the logits of the first tokens of a beginning."""
_LEAST_CHARACTERS = 24  # "You're welcome!" may be said again
_LONGEST_CHARACTERS = 200
# Where a sentence of an answer ends: what is quoted or emphasized goes with it.
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”“»)\]*_]*(?=\s)|\n+")


def beginning(answer: str) -> str:
    """Return how an answer begins: its first sentences, until they are long enough to compare.

    Empty: it is too short to be copied.
    """
    text = answer.strip()[:_LONGEST_CHARACTERS]
    ends = (end.end() for end in _SENTENCE_END.finditer(text))
    cut = next((end for end in ends if end >= _LEAST_CHARACTERS), len(text))
    return text[:cut].rstrip() if cut >= _LEAST_CHARACTERS else ""


class CopyPenalty:
    """Follows one answer as long as it is how an earlier one began.

    Args:
        beginnings: The tokens that earlier answers begin with, the newest last.
    """

    __slots__ = ("_at", "_like")

    def __init__(self, beginnings: Iterable[Sequence[int]]) -> None:
        newest = [tokens for tokens in beginnings if tokens][-_MOST_COMPARED:]
        self._like = [tokens[: len(_AMOUNTS)] for tokens in newest]
        self._at = 0

    def applied(self, logits: Logits) -> Logits:
        """Return the logits for the next token; they are copied where there is a difference."""
        lowered: dict[int, float] = {}
        for tokens in self._like:
            lowered[tokens[self._at]] = _AMOUNTS[self._at]
        if not any(lowered.values()):
            return logits
        logits = logits.copy()
        for token, amount in lowered.items():
            logits[token] -= amount
        return logits

    def accept(self, token: int) -> None:
        """Take the token that became part of the answer."""
        at = self._at = self._at + 1
        self._like = [
            tokens for tokens in self._like if tokens[at - 1] == token and len(tokens) > at
        ]
