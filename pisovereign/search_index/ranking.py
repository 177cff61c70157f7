"""How good a match is: meaning and words added up.

    dense = sum of weight * (cosine - mean) / deviation over the models, less a penalty
    lexical = WORD_WEIGHT * (cover + NEIGHBOR_SHARE * cover of the memories told before and after)

A cosine says little by itself: mean and deviation are those of the question with the owner's
memories in the same language. `cover` is BM25 divided by the rarities of all words of the question,
so a match of one poor word among many stays small. Which models count, and how much, follows from
the languages of question and memory, and from those that a model knows.

The weights were chosen on XQuAD's public half, and on what others measured with public dialogues;
docs/memory.md has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.languages import LANGUAGES, Language

# Memories are short and of similar length: long ones are not penalized, and a repeated word counts
# little more than a single one.
K1, B = 0.8, 0.0
WORD_WEIGHT = 5.0
# A turn of a conversation often has no word of what it is about; the turns around it do.
NEIGHBOR_SHARE = 0.25
NEIGHBOR_GAP_S = 3600.0
# Where a model of few languages knows both, it says more than one of many.
SPECIALIST_WEIGHT, GENERALIST_WEIGHT = 0.9, 0.25
# People mostly ask in the language in which they told.
LANGUAGE_PENALTY = 0.3
# What is assumed of cosines before any is seen, as if so many had been; and of those of a language,
# as if so many were like all others.
PRIOR_COUNT, PRIOR_MEAN, PRIOR_DEVIATION = 8, 0.1, 0.12
LANGUAGE_PRIOR_COUNT = 30
# The languages of memories as they are numbered in an index; None: unknown.
GROUPS: tuple[Language | None, ...] = (None, *LANGUAGES)

Moments = tuple[int, float, float]
"""How many numbers there are, their sum, and the sum of their squares."""


class VectorModel(NamedTuple):
    """A model whose vectors are compared; `languages` are those that it knows, None: all."""

    id: str
    dimensions: int
    languages: frozenset[Language] | None


class Blend(NamedTuple):
    """How much each model counts for memories of one language, and what is subtracted."""

    weights: tuple[float, ...]
    penalty: float

    @property
    def order(self) -> list[int]:
        """Return the places of the models, the one that counts most first."""
        return sorted(range(len(self.weights)), key=lambda place: -self.weights[place])

    def dense(self, standardized: Sequence[float | None]) -> float | None:
        """Return the models' standardized cosines in one number; None where there is none.

        The weight of a model that has none goes to the others.
        """
        known = [(w, z) for w, z in zip(self.weights, standardized, strict=True) if z is not None]
        if not known:
            return None
        weight = sum(w for w, _ in known)
        if weight > 0:
            return sum(w * z for w, z in known) * (sum(self.weights) / weight) - self.penalty
        return sum(z for _, z in known) / len(known) - self.penalty


def blends(models: Sequence[VectorModel], asked: Language | None) -> tuple[Blend, ...]:
    """Return how to rank memories of each of `GROUPS` for a question in a language."""
    return tuple(
        Blend(
            _weights(models, frozenset(code for code in (asked, told) if code is not None)),
            LANGUAGE_PENALTY if None not in (asked, told) and asked != told else 0.0,
        )
        for told in GROUPS
    )


def _weights(models: Sequence[VectorModel], spoken: frozenset[Language]) -> tuple[float, ...]:
    """Return the models' weights where question and memory are in the languages `spoken`."""
    knowing = [m for m in models if m.languages is None or spoken <= m.languages] or list(models)
    special = [m for m in knowing if m.languages is not None]
    general = [m for m in knowing if m.languages is None]
    if not (special and general and spoken):
        return tuple(1 / len(knowing) if model in knowing else 0.0 for model in models)
    shares = {m.id: SPECIALIST_WEIGHT / len(special) for m in special}
    shares |= {m.id: GENERALIST_WEIGHT / len(general) for m in general}
    return tuple(shares.get(model.id, 0.0) for model in models)


class Standard(NamedTuple):
    """The mean of cosines, and how much they differ from it."""

    mean: float
    deviation: float

    def __call__(self, cosine: float) -> float:
        """Return how many deviations a cosine is above the mean."""
        return (cosine - self.mean) / self.deviation


def standards(moments: Sequence[Moments]) -> list[Standard]:
    """Return what is usual in each group, given the moments of its cosines."""
    square = PRIOR_DEVIATION**2 + PRIOR_MEAN**2
    every = _pooled(
        (sum(m[0] for m in moments), sum(m[1] for m in moments), sum(m[2] for m in moments)),
        (PRIOR_COUNT, PRIOR_COUNT * PRIOR_MEAN, PRIOR_COUNT * square),
    )
    prior = tuple(LANGUAGE_PRIOR_COUNT * value for value in (1.0, *every))
    pooled = [_pooled(one, prior) for one in moments]
    return [
        Standard(mean, max(square - mean * mean, PRIOR_DEVIATION**2 / 100) ** 0.5)
        for mean, square in pooled
    ]


def _pooled(one: Sequence[float], prior: Sequence[float]) -> tuple[float, float]:
    """Return the mean, and the mean of the squares, of two sets of numbers together."""
    count = one[0] + prior[0]
    return (one[1] + prior[1]) / count, (one[2] + prior[2]) / count


def similarity(blend: Blend, cosines: Sequence[float | None]) -> float | None:
    """Return the cosine of the model that counts most among those that have one."""
    return next((cosines[at] for at in blend.order if cosines[at] is not None), None)
