"""nDCG@10 with one relevant memory for each question."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from bench.retrieval.dataset import Question

CUT = 10
ALL = "all"


def groups(question: Question) -> list[str]:
    """Return the rows of the result that a question counts in."""
    if question.crossed:
        return ["across languages", ALL]
    return [f"{question.language}, {question.style}", "in one language", ALL]


def ndcg(ranked: Sequence[int], answer: int) -> float:
    """Return the gain of the answer's place among the first ten; 1 for the first, 0 for none."""
    place = next((i for i, found in enumerate(ranked[:CUT]) if found == answer), None)
    return 0.0 if place is None else 1 / math.log2(place + 2)


def by_group(questions: Sequence[Question], rankings: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return the mean of each group."""
    gains: defaultdict[str, list[float]] = defaultdict(list)
    for question, ranked in zip(questions, rankings, strict=True):
        for group in groups(question):
            gains[group].append(ndcg(ranked, question.answer))
    return {group: round(sum(values) / len(values), 4) for group, values in gains.items()}
