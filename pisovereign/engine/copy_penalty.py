"""Making it unlikely that an answer begins as an earlier one of its conversation did.

Small models copy what they have said before, whatever they are asked. With each token that the
beginnings have in common the next one of the earlier answer gets less likely, a little at first:
answers may well begin with the same words, and a true one may come close to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
_MOST_COMPARED = 8
"""The newest answers; older ones are rarely copied."""
_STRENGTH = 8.0
"""What is taken from the logit of the last token of a beginning; of those before it less."""
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
        self._like = [tokens for tokens in beginnings if tokens][-_MOST_COMPARED:]
        self._at = 0

    def applied(self, logits: Logits) -> Logits:
        """Return the logits for the next token; they are copied where there is a difference."""
        lowered: dict[int, float] = {}
        for tokens in self._like:
            amount = _STRENGTH * (self._at / (len(tokens) - 1)) ** 2 if len(tokens) > 1 else 0.0
            lowered[tokens[self._at]] = max(amount, lowered.get(tokens[self._at], 0.0))
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
