"""The intent model, on the vectors of a sentence: one hidden layer and a softmax.

The layers are rows of `VectorIndex`, which multiplies bytes with the fastest kernel there is, so
that no library for arrays is needed. docs/parsing.md says what the model was trained with.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import NamedTuple

from pisovereign.languages import Language
from pisovereign.parsing.intent_weights import Matrix, Weights
from pisovereign_native.vectors import VectorIndex


class Guess(NamedTuple):
    """An intent, and how likely it is the one that is meant."""

    intent: str
    probability: float


class _Layer:
    """The rows of a matrix, to be multiplied with a vector."""

    def __init__(self, matrix: Matrix) -> None:
        self._index = VectorIndex(matrix.width)
        self._lengths: list[float] = []
        for number in range(len(matrix.scales)):
            row = matrix.row(number)
            self._index.put(number, row)
            self._lengths.append(_length(row))

    def products(self, vector: array[float]) -> list[float]:
        """Return the product of each row with a vector."""
        length = _length(vector)
        if not length:
            return [0.0] * len(self._lengths)
        cosines = self._index.all_cosines(vector)
        return [c * of * length for c, of in zip(cosines, self._lengths, strict=True)]


class IntentModel:
    """Tells intents by vectors; holds nothing but weights.

    Args:
        weights: Its weights.
    """

    def __init__(self, weights: Weights) -> None:
        self._intents = weights.intents
        self._inputs = {model: _Layer(matrix) for model, matrix in weights.inputs.items()}
        self._languages = weights.languages
        self._hidden = weights.hidden
        self._outputs = _Layer(weights.outputs)
        self._bias = weights.bias
        self._temperature = weights.temperature
        self.encoders = tuple(self._inputs)

    def knows(self, encoder: str, language: Language) -> bool:
        """Return whether the vectors of an encoder tell anything about a language."""
        return encoder in self._inputs and self._languages.get(encoder, language) == language

    def guesses(self, vectors: Mapping[str, array[float]]) -> list[Guess]:
        """Return all intents with their probabilities, the likeliest first.

        Args:
            vectors: The vectors of the sentence, of unit length, by the id of the encoder's model.
        """
        hidden = list(self._hidden)
        for model, vector in vectors.items():
            if model in self._inputs:
                for unit, product in enumerate(self._inputs[model].products(vector)):
                    hidden[unit] += product
        active = array("f", [max(value, 0.0) for value in hidden])
        outputs = self._outputs.products(active)
        scores = [(o + b) / self._temperature for o, b in zip(outputs, self._bias, strict=True)]
        highest = max(scores)
        powers = [math.exp(score - highest) for score in scores]
        total = sum(powers)
        shares: dict[str, float] = {}
        for intent, power in zip(self._intents, powers, strict=True):
            shares[intent] = shares.get(intent, 0.0) + power / total
        return sorted((Guess(*item) for item in shares.items()), key=lambda guess: -guess[1])


def _length(vector: array[float]) -> float:
    return math.hypot(*vector)
