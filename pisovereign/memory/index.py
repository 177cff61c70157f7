"""One owner's memories as ranking needs them, in the memory of this process."""

from __future__ import annotations

import heapq
from array import array
from math import isnan
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from pisovereign.engine_client.encoder import DIMENSIONS
from pisovereign.memory.ranking import Scale, relevance, weights
from pisovereign.memory.types import KINDS, Kind
from pisovereign_native.lexical import LexicalIndex
from pisovereign_native.vectors import VectorIndex

# Memories are short and of similar length, so long ones are penalized less than by the usual 0.75.
K1, B = 1.2, 0.3

# With 8 bits a dimension, cosines of questions and memories are off by at most 0.002.
_COSINE_ERROR = 0.01
# A longer list by meaning costs more, one by words hardly anything. Among 50,000 memories, 7 of 568
# questions need a second pass; with 256 rows by words, 63 do.
_BY_MEANING, _BY_WORDS = 64, 1024
_HIDDEN = 255
_PYTHON_BYTES = 230  # a UUID, its integer, and its places in a dictionary and a list
_MASKS: dict[Kind | None, bytes] = {
    None: bytes(code < len(KINDS) for code in range(256)),
    **{kind: bytes(code == at for code in range(256)) for at, kind in enumerate(KINDS)},
}
_NO_VECTOR = array("f", bytes(4 * DIMENSIONS))


class IndexRow(NamedTuple):
    """One memory: `vector` has 384 float32, or is None when the model has not read it yet."""

    id: UUID
    kind: Kind
    hidden: bool
    vector: array[float] | None
    terms: array[int]
    counts: array[int]
    length: int


class RankQuery(NamedTuple):
    """A query.

    By meaning unless `vector` is None; among all kinds unless `kind` names one. With a `threshold`
    only memories whose cosine is at least that, or hardly less; without a vector it counts as 0.
    `dense_weight` is how much meaning counts against words, 0 to 1.
    """

    vector: array[float] | None
    terms: array[int]
    kind: Kind | None
    limit: int
    dense_weight: float
    threshold: float | None = None


class Candidate(NamedTuple):
    """A memory that may be among the best, with its BM25."""

    id: UUID
    bm25: float


class Ranking(NamedTuple):
    """The best candidates by relevance, best first, and what their parts are relative to."""

    candidates: list[Candidate]
    scale: Scale


class _Lists(NamedTuple):
    """The best by meaning and the best by words, each as rows and values, the best first.

    `more_rows` and `more_words` tell whether there are others, which have at most `rest`.
    """

    rows: array[int]
    cosines: array[float]
    word_rows: array[int]
    scores: array[float]
    more_rows: bool
    more_words: bool

    @property
    def rest(self) -> Scale:
        """The highest cosine and BM25 that a memory can have which is in neither list."""
        return Scale(
            self.cosines[-1] if self.more_rows else 0.0, self.scores[-1] if self.more_words else 0.0
        )

    @property
    def scale(self) -> Scale:
        """The best cosine and BM25 of all."""
        return Scale(
            max(self.cosines[0], 0.0) if self.cosines else 0.0,
            self.scores[0] if self.scores else 0.0,
        )


class OwnerIndex:
    """The vectors and postings of one owner, in rows with the same numbers, which are reused.

    `version` is that of the owner's memories which the index stands for.
    """

    def __init__(self) -> None:
        self.version = 0
        self._vectors = VectorIndex(DIMENSIONS)
        self._words = LexicalIndex(K1, B)
        self._rows: dict[UUID, int] = {}
        self._ids: list[UUID] = []
        self._free: list[int] = []
        # The kind of each row as its place in KINDS, or _HIDDEN.
        self._kinds = bytearray()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def nbytes(self) -> int:
        """Bytes that the index takes, with an estimate of Python's own share."""
        return self._vectors.nbytes + self._words.nbytes + _PYTHON_BYTES * len(self._ids)

    def put(self, memory: IndexRow) -> None:
        """Add a memory, or replace what was known of it."""
        self.remove(memory.id)
        row = self._free.pop() if self._free else len(self._ids)
        self._words.put(row, memory.terms, memory.counts, memory.length)
        self._vectors.put(row, _NO_VECTOR if memory.vector is None else memory.vector)
        if memory.vector is None:
            self._vectors.remove(row)
        if row == len(self._ids):
            self._ids.append(memory.id)
            self._kinds.append(_HIDDEN)
        self._ids[row] = memory.id
        self._kinds[row] = _HIDDEN if memory.hidden else KINDS.index(memory.kind)
        self._rows[memory.id] = row

    def remove(self, identifier: UUID) -> None:
        """Forget a memory, if it is there."""
        row = self._rows.pop(identifier, None)
        if row is None:
            return
        self._words.remove(row)
        if not isnan(self._vectors.cosines(_NO_VECTOR, array("i", [row]))[0]):
            self._vectors.remove(row)
        self._kinds[row] = _HIDDEN
        self._free.append(row)

    def rank(self, query: RankQuery) -> Ranking:
        """Return the `query.limit` most relevant memories.

        Both indexes are asked for their best. A memory that neither names is at most as relevant as
        the last of both lists together, so the result is exact once that is not enough to get in.
        """
        mask = self._mask(query.kind)
        every_score = self._words.all_scores(query.terms)
        least = -2.0 if query.threshold is None else query.threshold - _COSINE_ERROR
        length, word_length = max(_BY_MEANING, 2 * query.limit), max(_BY_WORDS, 2 * query.limit)
        while True:
            rows, cosines = self._by_meaning(query.vector, length, mask)
            words = self._words.search(query.terms, word_length, allowed=mask)
            more = len(rows) == length, len(words[0]) == word_length
            lists = _Lists(rows, cosines, *words, *more)
            weight = weights(lists.scale, query.dense_weight)
            known = self._cosines_worth_knowing(query, lists, every_score, least)
            values = {
                row: relevance(cosine, every_score[row], weight)
                for row, cosine in known.items()
                if cosine >= least
            }
            best = heapq.nlargest(query.limit, values.items(), key=itemgetter(1))
            if not any(more) or (least > 0 and not (lists.more_rows and cosines[-1] >= least)):
                break  # nothing else fits
            if len(best) == query.limit and best[-1][1] >= relevance(*lists.rest, weight):
                break  # nothing else is better
            length, word_length = 4 * length, 4 * word_length
        return Ranking(
            [Candidate(self._ids[row], every_score[row]) for row, _ in best], lists.scale
        )

    def _cosines_worth_knowing(
        self, query: RankQuery, lists: _Lists, every_score: array[float], least: float
    ) -> dict[int, float]:
        """Return the cosines of the list by meaning, and of rows that words may lift into it."""
        known = dict(zip(lists.rows, lists.cosines, strict=True))
        weight, rest = weights(lists.scale, query.dense_weight), lists.rest.cosine
        values = [
            relevance(cosine, every_score[row], weight)
            for row, cosine in known.items()
            if cosine >= least
        ]
        floor = heapq.nlargest(query.limit, values)[-1] if len(values) >= query.limit else 0.0
        others = array(
            "i",
            (
                row
                for row, score in zip(lists.word_rows, lists.scores, strict=True)
                if row not in known and relevance(rest, score, weight) >= floor
            ),
        )
        known.update(zip(others, self._cosines(query.vector, others), strict=True))
        return known

    def nearest(
        self, vector: array[float], kind: Kind | None, count: int
    ) -> list[tuple[UUID, float]]:
        """Return the memories with the highest cosines to `vector`, and these cosines."""
        rows, cosines = self._by_meaning(vector, count, self._mask(kind))
        return [(self._ids[row], cosine) for row, cosine in zip(rows, cosines, strict=True)]

    def _mask(self, kind: Kind | None) -> bytes:
        """Return one byte for each row, 1 if it is visible and of the kind."""
        return bytes(self._kinds.translate(_MASKS[kind]))

    def _by_meaning(
        self, vector: array[float] | None, count: int, mask: bytes
    ) -> tuple[array[int], array[float]]:
        if vector is None:
            return array("i"), array("f")
        return self._vectors.search(vector, count, mask)

    def _cosines(self, vector: array[float] | None, rows: array[int]) -> array[float]:
        """Return the cosines of some rows; 0 without a vector to compare."""
        if vector is None:
            return array("f", bytes(4 * len(rows)))
        cosines = self._vectors.cosines(vector, rows)
        return array("f", (0.0 if isnan(cosine) else cosine for cosine in cosines))
