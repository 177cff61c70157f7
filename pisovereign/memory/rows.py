"""From a text to what is stored of it."""

from __future__ import annotations

from array import array
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.engine_client.encoder import STORE_LIMIT_S, Encoder
from pisovereign.errors import EngineMisbehaved, EngineUnavailable
from pisovereign.memory.sealed import SealedText, TextSealer
from pisovereign.memory.terms import TermHasher, Terms
from pisovereign.memory.types import Kind, MemoryText

# The model reads about this much; in a longer text the summary stands for the rest.
_READ_CHARACTERS = 1000
# The database keeps about so many digits, and takes no number that is as good as 0.
_DIGITS = 6


class MemoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A memory to be written; `vector` is None when the model could not be asked."""

    id: UUID
    kind: Kind
    importance: float
    sealed: SealedText
    terms: Terms
    vector: array[float] | None
    model: str

    def parameters(self) -> dict[str, Any]:
        """The values by the names that the statements use."""
        return {
            "id": self.id,
            "kind": self.kind,
            "importance": self.importance,
            "model": self.model,
            "terms": self.terms.hashes.tolist(),
            "counts": self.terms.counts.tolist(),
            "length": self.terms.length,
            "embedding": None if self.vector is None else as_halfvec(self.vector),
            **self.sealed._asdict(),
        }


class RowMaker:
    """Makes rows: seals the text, hashes its words, asks the model for a vector."""

    def __init__(self, sealer: TextSealer, encoder: Encoder, hasher: TermHasher) -> None:
        self._sealer = sealer
        self._encoder = encoder
        self._hasher = hasher

    async def vector(self, text: MemoryText) -> array[float] | None:
        """What the model makes of a text.

        None when the model is away: what a user told is kept all the same, and read later.
        """
        try:
            (vector,) = await self._encoder.encode([embedded_text(text)], STORE_LIMIT_S)
        except (EngineUnavailable, EngineMisbehaved):
            return None
        return vector

    def terms(self, user: UUID, text: MemoryText) -> Terms:
        """What a text can be found by."""
        return self._hasher.terms(user, text.content, text.summary, *text.tags)

    def row(
        self,
        user: UUID,
        identifier: UUID,
        text: MemoryText,
        vector: array[float] | None,
        *,
        kind: Kind,
        importance: float,
    ) -> MemoryRow:
        """The row of a text with its vector."""
        return MemoryRow(
            id=identifier,
            kind=kind,
            importance=round(importance, _DIGITS),
            sealed=self._sealer.seal(user, identifier, text),
            terms=self.terms(user, text),
            vector=vector,
            model=self._encoder.model,
        )


def embedded_text(text: MemoryText) -> str:
    """What the model reads of a text."""
    if len(text.content) <= _READ_CHARACTERS:
        return text.content
    return f"{text.summary}\n{text.content}"


def as_halfvec(vector: array[float]) -> str:
    """The vector as PostgreSQL reads a halfvec; float16 keeps about three decimal digits."""
    return f"[{','.join(f'{number:.6g}' for number in vector)}]"
