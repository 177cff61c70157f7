"""How likely something is true of a text, by its vector: a logistic regression."""

from __future__ import annotations

import math
import tomllib
from array import array
from collections.abc import Sequence
from operator import mul
from pathlib import Path

import msgspec


class LinearHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The weights.

    Attributes:
        model: The embedding model whose vectors they are for.
        weights: One for each number of a vector.
        bias: What is added to the sum.
    """

    model: str
    weights: list[float]
    bias: float

    def probability(self, vector: Sequence[float] | array[float]) -> float:
        """Return the probability by a vector of unit length."""
        return 1 / (1 + math.exp(-self.bias - sum(map(mul, self.weights, vector))))


def load_linear_head(path: Path) -> LinearHead:
    """Return the weights in a TOML file."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), LinearHead)
