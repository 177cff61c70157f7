"""How long an answer will become, by how long those to similar messages became.

Nobody knows that before. But who asks for a name gets a line, and who asks for a story gets a page,
with each model in its own way: so the length is learned from each answer, by words of the message,
its own length, and what was answered before in the conversation. What is learned of one person is
used for nobody else, and holds no word: only into which of a few dozen groups words fall.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pisovereign.languages.words import split_words

_USUAL = 60.0
_FIRST_WORDS, _WORDS = 48, 96
_NUMBERS = 6
_SIZE = _NUMBERS + _FIRST_WORDS + _WORDS
_MOST_WORDS = 40
_LEFT = 0.995
# How sure it is of the usual length before it has seen an answer, in answers.
_PRIOR = 0.5
_CERTAIN = 0.8


class Asked(NamedTuple):
    """What is known of a message before it is answered.

    Attributes:
        text: the message.
        before: tokens of the answers before it in the conversation, the newest last.
        most: tokens that the answer may have.
    """

    text: str
    before: Sequence[int]
    most: int


class AnswerLengths:
    """Lengths of one person's answers, by one model."""

    def __init__(self) -> None:
        self._products = np.eye(_SIZE) * _PRIOR
        self._targets = np.zeros(_SIZE)
        self._weights: NDArray[np.floating[Any]] = np.zeros(_SIZE)

    def expect(self, asked: Asked) -> int:
        """Return how many tokens the answer is most likely to have."""
        tokens = math.exp(self._logarithm(_features(asked)))
        # One that is cut has just so many, and most that are nearly so long are.
        return max(1, asked.most if tokens >= _CERTAIN * asked.most else round(tokens))

    def learn(self, asked: Asked, tokens: int, *, cut: bool) -> None:
        """Take how long the answer became; one that was `cut` would have become longer."""
        features = _features(asked)
        length = math.log(max(1, tokens))
        if cut:
            length = max(length, self._logarithm(features))
        prior = np.eye(_SIZE) * (_PRIOR * (1 - _LEFT))
        self._products = self._products * _LEFT + prior + np.outer(features, features)
        self._targets = self._targets * _LEFT + features * (length - math.log(_USUAL))
        # Now, and not while somebody waits for a first word.
        self._weights = np.linalg.solve(self._products, self._targets)

    def _logarithm(self, features: NDArray[np.float64]) -> float:
        return math.log(_USUAL) + float(features @ self._weights)


def _features(asked: Asked) -> NDArray[np.float64]:
    found = np.zeros(_SIZE)
    words = split_words(asked.text)
    newest = math.log(max(1, asked.before[-1]) / _USUAL) if asked.before else 0.0
    found[:_NUMBERS] = (
        1.0,
        math.log1p(len(words)) / 4,
        asked.text.rstrip().endswith("?"),
        len(words) > _MOST_WORDS,
        bool(asked.before),
        newest,
    )
    for at, word in enumerate(words[:2]):
        found[_NUMBERS + _group(f"{at} {word}", _FIRST_WORDS)] += 1.0
    for word in set(words[:_MOST_WORDS]):
        found[_NUMBERS + _FIRST_WORDS + _group(word, _WORDS)] += 0.5
    return found


def _group(word: str, groups: int) -> int:
    return zlib.crc32(word.encode()) % groups
