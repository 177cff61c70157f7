"""The program's own index of memories, without a database."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.languages.letters import likely_language
from pisovereign.memory.types import KINDS
from pisovereign.search_index.index import OwnerIndex
from pisovereign.search_index.index_types import Candidate, IndexRow, RankQuery
from pisovereign.search_index.ranking import VectorModel
from pisovereign.search_index.terms import Stemmer, TermHasher

MODELS = (
    VectorModel("all-minilm-l6-v2", 384, frozenset(("en",))),
    VectorModel("use-multilingual", 512, None),
)
BATCH = 64
_USER = UUID(int=1)

Vectors: TypeAlias = "dict[str, list[array[float]]]"
"""By model: a vector of each text."""


class LocalIndex:
    """Memories with these texts, told one after the other, with the place of each as its id."""

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        self._hasher = TermHasher(bytes(32), Stemmer())
        self._index = OwnerIndex(MODELS, KINDS)
        for number, text in enumerate(texts):
            hashes, counts, length = self._hasher.terms(_USER, text)
            row = IndexRow(
                id=UUID(int=number),
                number=number,
                told_at=0.0,
                kind="context",
                hidden=False,
                language=likely_language(text),
                vectors={model: of[number] for model, of in vectors.items()},
                terms=hashes,
                counts=counts,
                length=length,
            )
            self._index.put(row)

    def rank(
        self, question: str, vectors: Mapping[str, array[float]], limit: int
    ) -> list[Candidate]:
        """Return what a search finds; the integer of an id is the memory's place."""
        language = likely_language(question)
        terms = self._hasher.query(_USER, question, language)
        return self._index.rank(RankQuery(vectors, terms, language, None, limit))


async def encode_all(socket: str, texts: Sequence[str]) -> Vectors:
    """Return the vectors of texts by each model of the engine at a socket."""
    engine = EngineClient(socket)
    found: Vectors = {}
    for model in MODELS:
        encoder = Encoder(engine, model.id, model.dimensions)
        vectors: list[array[float]] = []
        for at in range(0, len(texts), BATCH):
            vectors += await encoder.encode(texts[at : at + BATCH])
        found[model.id] = vectors
    await engine.close()
    return found


def of_text(vectors: Vectors, place: int) -> dict[str, array[float]]:
    """Return the vectors of one text."""
    return {model: of[place] for model, of in vectors.items()}
