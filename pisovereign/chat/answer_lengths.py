"""How long an answer will become, by how long those to similar messages became.

Nobody knows that before. But who asks for a name gets a line, and who asks for a story gets a page,
with each model in its own way: so the length is learned from each answer, by words of the message,
its own length, and what was answered before in the conversation. What is learned of one person is
used for nobody else, and holds no word: only into which of a few dozen groups words fall.
"""

from __future__ import annotations

import math
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pisovereign.languages.words import split_words

_USUAL = 60.0
_FIRST_WORDS, _WORDS = 48, 96
_NUMBERS = 6
_SIZE = _NUMBERS + _FIRST_WORDS + _WORDS
_MOST_WORDS = 40
# The newest answers are learned from again with each: a step for one forgets a bit of others.
_REPLAYED, _PASSES, _RATE = 32, 3, 0.5
_CERTAIN = 0.8


class Asked(NamedTuple):
    """The facts that are known of a message before it is answered.

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
        self._weights = [0.0] * _SIZE
        self._newest = deque[tuple[Mapping[int, float], float]](maxlen=_REPLAYED)

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
        self._newest.append((features, length))
        # Now, and not while somebody waits for a first word.
        for _ in range(_PASSES):
            for known, true in self._newest:
                self._correct(known, true)

    def _correct(self, features: Mapping[int, float], length: float) -> None:
        """Go a part of the way to the weights with which a length would have been expected."""
        error = length - self._logarithm(features)
        step = _RATE * error / (1.0 + sum(value * value for value in features.values()))
        for at, value in features.items():
            self._weights[at] += step * value

    def _logarithm(self, features: Mapping[int, float]) -> float:
        weights = self._weights
        return math.log(_USUAL) + sum(weights[at] * value for at, value in features.items())


def _features(asked: Asked) -> Mapping[int, float]:
    """Return the features of a message that are not zero, by their numbers."""
    words = split_words(asked.text)
    newest = math.log(max(1, asked.before[-1]) / _USUAL) if asked.before else 0.0
    numbers = (
        1.0,
        math.log1p(len(words)) / 4,
        float(asked.text.rstrip().endswith("?")),
        float(len(words) > _MOST_WORDS),
        float(bool(asked.before)),
        newest,
    )
    found = {at: number for at, number in enumerate(numbers) if number}
    groups = [_NUMBERS + _group(f"{at} {word}", _FIRST_WORDS) for at, word in enumerate(words[:2])]
    for at in groups:
        found[at] = found.get(at, 0.0) + 1.0
    for word in sorted(set(words[:_MOST_WORDS])):
        at = _NUMBERS + _FIRST_WORDS + _group(word, _WORDS)
        found[at] = found.get(at, 0.0) + 0.5
    return found


def _group(word: str, groups: int) -> int:
    return zlib.crc32(word.encode()) % groups
