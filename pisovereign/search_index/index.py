"""One owner's texts as ranking needs them, in the memory of this process."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import isnan
from uuid import UUID

from pisovereign.search_index.index_search import Rows, Search
from pisovereign.search_index.index_types import Candidate, IndexRow, NearestQuery, RankQuery
from pisovereign.search_index.neighbors import Neighbors
from pisovereign.search_index.ranking import GROUPS, K1, B, VectorModel
from pisovereign_native.fusion import NO_GROUP, best
from pisovereign_native.lexical import LexicalIndex
from pisovereign_native.vectors import VectorIndex

# Rough cosines are off by 0.006 or so, which moves a memory by a few ranks, and by many where all
# say nearly the same: that many more are compared exactly.
_SPARE = 256
_MOST = 1 << 16
_HIDDEN = 255
_PYTHON_BYTES = 230  # a UUID, its integer, and its places in a dictionary and a list


class OwnerIndex:
    """The vectors and postings of one owner, in rows with the same numbers, which are reused.

    `version` is that of the owner's memories which the index stands for.
    """

    def __init__(self, models: Sequence[VectorModel], kinds: Sequence[str]) -> None:
        self.version = 0
        self._kinds = kinds
        self._masks: dict[str | None, bytes] = {
            None: bytes(code < len(kinds) for code in range(256)),
            **{kind: bytes(code == at for code in range(256)) for at, kind in enumerate(kinds)},
        }
        self._models = models
        self._nothing = {model.id: array("f", bytes(4 * model.dimensions)) for model in models}
        self._rows = Rows(
            ids=[],
            vectors={model.id: VectorIndex(model.dimensions) for model in models},
            words=LexicalIndex(K1, B),
            neighbors=Neighbors(),
            numbers=array("q"),
            kinds=bytearray(),
            groups=bytearray(),
        )
        self._row_of: dict[UUID, int] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._row_of)

    @property
    def nbytes(self) -> int:
        """Bytes that the index takes, with an estimate of Python's own share."""
        vectors = sum(index.nbytes for index in self._rows.vectors.values())
        rest = self._rows.words.nbytes + self._rows.neighbors.nbytes
        return vectors + rest + _PYTHON_BYTES * len(self._rows.ids)

    def put(self, memory: IndexRow) -> None:
        """Add a memory, or replace what was known of it."""
        self.remove(memory.id)
        rows = self._rows
        row = self._free.pop() if self._free else len(rows.ids)
        rows.words.put(row, memory.terms, memory.counts, memory.length)
        for model, index in rows.vectors.items():
            vector = memory.vectors.get(model)
            index.put(row, self._nothing[model] if vector is None else vector)
            if vector is None:
                index.remove(row)
        if row == len(rows.ids):
            rows.ids.append(memory.id)
            rows.numbers.append(0)
            rows.kinds.append(_HIDDEN)
            rows.groups.append(NO_GROUP)
            rows.neighbors.add_row()
        rows.ids[row], rows.numbers[row] = memory.id, memory.number
        if not memory.hidden:
            rows.kinds[row] = self._kinds.index(memory.kind)
            rows.groups[row] = GROUPS.index(memory.language) if memory.language in GROUPS else 0
            rows.neighbors.put(row, memory.number, memory.told_at)
        self._row_of[memory.id] = row

    def remove(self, identifier: UUID) -> None:
        """Forget a memory, if it is there."""
        row = self._row_of.pop(identifier, None)
        if row is None:
            return
        rows = self._rows
        rows.words.remove(row)
        for model, index in rows.vectors.items():
            if not isnan(index.cosines(self._nothing[model], array("i", [row]))[0]):
                index.remove(row)
        rows.neighbors.remove(row, rows.numbers[row])
        rows.kinds[row], rows.groups[row] = _HIDDEN, NO_GROUP
        self._free.append(row)

    def rank(self, query: RankQuery) -> list[Candidate]:
        """Return the `query.limit` most relevant memories, best first.

        The relevance of every memory is computed, from half of what is known of its vectors. The
        best are compared exactly then.
        """
        search = Search(query, [m for m in self._models if m.id in query.vectors], self._rows)
        allowed, count = self._mask(query.kind), 2 * query.limit + _SPARE
        while True:
            rows, _ = best(search.relevance, min(count, _MOST), allowed)
            found = search.best_of(rows, query.limit)
            if len(found) == query.limit or len(rows) < count:
                return found
            count *= 4  # most were below the threshold

    def nearest(self, query: NearestQuery) -> list[tuple[UUID, float]]:
        """Return the memories with the highest cosines, and these cosines."""
        index = self._rows.vectors[query.model]
        rows, cosines = index.search(query.vector, query.limit, self._mask(query.kind))
        return [(self._rows.ids[row], cosine) for row, cosine in zip(rows, cosines, strict=True)]

    def _mask(self, kind: str | None) -> bytes:
        """Return one byte for each row, 1 if it is visible and of the kind."""
        return bytes(self._rows.kinds.translate(self._masks[kind]))
