"""One search of an owner's memories: rough for all of them, then exact for the best."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain
from math import isnan
from typing import NamedTuple
from uuid import UUID

from pisovereign.search_index.index_types import Candidate, RankQuery
from pisovereign.search_index.neighbors import Neighbors
from pisovereign.search_index.ranking import (
    GROUPS,
    NEIGHBOR_SHARE,
    WORD_WEIGHT,
    VectorModel,
    blends,
    similarity,
    standards,
)
from pisovereign_native.fusion import best, blend, moments
from pisovereign_native.lexical import LexicalIndex
from pisovereign_native.vectors import VectorIndex


class Rows(NamedTuple):
    """The rows of an index, with what is known of each."""

    ids: list[UUID]
    vectors: dict[str, VectorIndex]
    words: LexicalIndex
    neighbors: Neighbors
    numbers: array[int]
    kinds: bytearray
    """The kind as its place in KINDS, or HIDDEN."""
    groups: bytearray
    """The language as its place in GROUPS, or NO_GROUP if it is hidden."""


class Search:
    """One search; `relevance` is that of each row by rough cosines, NaN if it says nothing."""

    def __init__(self, query: RankQuery, models: Sequence[VectorModel], rows: Rows) -> None:
        self._threshold = query.threshold
        self._models = models
        self._rows = rows
        self._asked = [(rows.vectors[model.id], query.vectors[model.id]) for model in models]
        self._blends = blends(models, query.language)
        terms, weights = query.terms
        self._words = rows.words.all_scores(terms, weights)
        rarities = rows.words.rarities(terms)
        most = sum(weight * rarity for weight, rarity in zip(weights, rarities, strict=True))
        self._word_weight = WORD_WEIGHT / most if most > 0 else 0.0
        columns = [index.all_cosines(vector, rough=True) for index, vector in self._asked]
        self._standards = [standards(moments(c, rows.groups, len(GROUPS))) for c in columns]
        near = rows.neighbors
        self.relevance = self._blend(rows.groups, columns, self._words, near.before, near.after)

    def _blend(
        self,
        groups: bytes | bytearray,
        columns: Sequence[array[float]],
        words: array[float],
        before: array[int],
        after: array[int],
    ) -> array[float]:
        every = list(chain.from_iterable(self._standards))
        shares = zip(*(one.weights for one in self._blends), strict=True)
        return blend(
            groups,
            columns,
            array("f", (1 / one.deviation for one in every)),
            array("f", (-one.mean / one.deviation for one in every)),
            array("f", chain.from_iterable(shares)),
            array("f", (one.penalty for one in self._blends)),
            words,
            before,
            after,
            self._word_weight,
            NEIGHBOR_SHARE,
        )

    def best_of(self, rows: array[int], limit: int) -> list[Candidate]:
        """Return the best of some rows by exact cosines, without those below the threshold."""
        columns = [index.cosines(vector, rows) for index, vector in self._asked]
        groups = bytes(self._rows.groups[row] for row in rows)
        words = array("f", map(self._said, rows))
        alone = array("i", [-1]) * len(rows)
        relevance = self._blend(groups, columns, words, alone, alone)
        order, _ = best(relevance, max(len(rows), 1), bytes(1 for _ in rows))
        found: list[Candidate] = []
        for at in order:
            cosines = [None if isnan(column[at]) else column[at] for column in columns]
            candidate = self._candidate(rows[at], cosines)
            if self._threshold is None or (candidate.similarity or 0.0) >= self._threshold:
                found.append(candidate)
            if len(found) == limit:
                break
        return found

    def _said(self, row: int) -> float:
        """Return how much of the question's words a row and its neighbors have."""
        said = self._words[row]
        for links in (self._rows.neighbors.before, self._rows.neighbors.after):
            if links[row] >= 0:
                said += NEIGHBOR_SHARE * self._words[links[row]]
        return said

    def _candidate(self, row: int, cosines: Sequence[float | None]) -> Candidate:
        group = self._rows.groups[row]
        standardized = [
            None if cosine is None else usual[group](cosine)
            for usual, cosine in zip(self._standards, cosines, strict=True)
        ]
        named = {
            model.id: cosine
            for model, cosine in zip(self._models, cosines, strict=True)
            if cosine is not None
        }
        mixed = self._blends[group]
        return Candidate(
            id=self._rows.ids[row],
            cosines=named,
            similarity=similarity(mixed, cosines),
            dense=mixed.dense(standardized),
            lexical=self._word_weight * self._said(row),
        )
