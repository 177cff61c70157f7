"""Entries, questions and answers of an index."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from pisovereign.languages import Language
from pisovereign.search_index.terms import QueryTerms


class IndexRow(NamedTuple):
    """One memory.

    Attributes:
        id: The memory's.
        number: Grows with each memory that is told.
        told_at: When it was told, in seconds since 1970.
        kind: What it is.
        hidden: Whether a correction has taken its place.
        language: What it is written in; None: unknown.
        vectors: Its vector, float32, by each model that has read it.
        terms: Its different terms.
        counts: How often it has each.
        length: How many there are in all.
    """

    id: UUID
    number: int
    told_at: float
    kind: str
    hidden: bool
    language: Language | None
    vectors: Mapping[str, array[float]]
    terms: array[int]
    counts: array[int]
    length: int


class RankQuery(NamedTuple):
    """A query.

    By meaning as far as there are `vectors`, one by each model; among all kinds unless `kind`
    names one. With a `threshold` only memories whose `similarity` is at least that; without a
    vector it counts as 0. `language` is that of the question, None if it is unknown.
    """

    vectors: Mapping[str, array[float]]
    terms: QueryTerms
    language: Language | None
    kind: str | None
    limit: int
    threshold: float | None = None


class Candidate(NamedTuple):
    """A memory that is among the best, and why.

    `cosines` are by model, off by 0.002 at most, and `similarity` is the one that counts most;
    `dense` is None without any. What `dense` and `lexical` are, `ranking` says.
    """

    id: UUID
    cosines: dict[str, float]
    similarity: float | None
    dense: float | None
    lexical: float

    @property
    def relevance(self) -> float:
        """Return meaning and words together."""
        return (self.dense or 0.0) + self.lexical


class NearestQuery(NamedTuple):
    """A vector of a model; among all kinds unless `kind` names one."""

    model: str
    vector: array[float]
    kind: str | None
    limit: int
