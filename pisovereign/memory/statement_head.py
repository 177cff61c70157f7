"""How likely a sentence is something lasting that users say of themselves and their world.

A logistic regression over the vector of the multilingual encoder, and whether the sentence has one
of the forms that each language's data describes. `tools.train_statements` makes the weights of the
labeled sentences in `languages/<code>/statement_examples.toml`.
"""

from __future__ import annotations

import math
import tomllib
from array import array
from collections.abc import Sequence
from operator import mul
from pathlib import Path

import msgspec

MODEL = "use-multilingual"
"""The embedding model whose vectors the weights are for."""
LEAST = 0.65
"""The least probability of what is learned."""
LEAST_OF_OTHERS = 0.75
"""The same where users do not speak of themselves: most such sentences are about the world."""
_FILE = Path(__file__).with_name("statement_head.toml")


class StatementHead(msgspec.Struct, frozen=True, kw_only=True):
    """The weights.

    Attributes:
        weights: One for each number of a vector.
        form: That of having a form.
        bias: What is added to the sum.
    """

    weights: list[float]
    form: float
    bias: float

    def probability(self, vector: Sequence[float] | array[float], *, has_form: bool) -> float:
        """Return the probability that a sentence with this vector is to be learned."""
        total = self.bias + self.form * has_form + sum(map(mul, self.weights, vector))
        return 1 / (1 + math.exp(-total))


def load_head() -> StatementHead:
    """Return the weights that come with PiSovereign."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), StatementHead)
