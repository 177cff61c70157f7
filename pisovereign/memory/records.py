"""Stored parts of a memory: its sealed text, its hashed words and its vector."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.engine_client.encoder import STORE_LIMIT_S
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.languages import Language
from pisovereign.languages.letters import likely_language
from pisovereign.memory.types import Kind, MemoryText
from pisovereign.search_index.terms import TermHasher, Terms
from pisovereign.storage.sealing import Sealer

# The model embeds about this much; the summary stands for the rest of a longer text.
_READ_CHARACTERS = 1000
# The database keeps about this many digits, and refuses numbers that are too close to 0.
_DIGITS = 6


class SealedText(NamedTuple):
    """The three as they are stored, and the key that they were sealed with."""

    key_id: str
    content: bytes
    summary: bytes
    tags: bytes


class TextSealer:
    """Seals texts; each value is bound to its memory, owner and column."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, user: UUID, memory: UUID, text: MemoryText) -> SealedText:
        """Return the sealed form of a text.

        Raises:
            SealError: it holds lone surrogates.
        """
        tags = msgspec.json.encode(text.tags).decode()
        columns = {"content": text.content, "summary": text.summary, "tags": tags}
        data = {
            column: self._sealer.seal(value, aad=_binding(user, memory, column)).data
            for column, value in columns.items()
        }
        return SealedText(key_id=self._sealer.key_id, **data)

    def open(self, user: UUID, memory: UUID, sealed: SealedText) -> MemoryText:
        """Return the text of a row.

        Raises:
            UnknownKey: it was sealed with a key that is not here.
            TamperedData: it was changed, cut or moved.
        """

        def column(name: str, data: Any) -> str:
            return self._sealer.open(bytes(data), sealed.key_id, _binding(user, memory, name))

        return MemoryText(
            content=column("content", sealed.content),
            summary=column("summary", sealed.summary),
            tags=msgspec.json.decode(column("tags", sealed.tags), type=list[str]),
        )


def _binding(user: UUID, memory: UUID, column: str) -> bytes:
    return b"memories." + column.encode() + memory.bytes + user.bytes


class MemoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A memory to be written.

    `vectors` are of the models that could be asked, by their ids; `language` is None when it is not
    clear.
    """

    id: UUID
    kind: Kind
    importance: float
    sealed: SealedText
    terms: Terms
    language: Language | None
    vectors: Mapping[str, array[float]]

    def parameters(self) -> dict[str, Any]:
        """Return the values by the names that the statements use."""
        return {
            "id": self.id,
            "kind": self.kind,
            "importance": self.importance,
            "terms": self.terms.hashes.tolist(),
            "counts": self.terms.counts.tolist(),
            "length": self.terms.length,
            "language": self.language,
            **self.sealed._asdict(),
        }


class RowBuilder:
    """Makes rows: seals the text, hashes its words, asks the models for vectors."""

    def __init__(self, sealer: TextSealer, encoders: EncoderSet, hasher: TermHasher) -> None:
        self._sealer = sealer
        self._encoders = encoders
        self._hasher = hasher

    @property
    def model(self) -> str:
        """Return the id of the first model, which compares memories with each other."""
        return self._encoders.first.model

    async def vectors(self, text: MemoryText) -> dict[str, array[float]]:
        """Return the vector of a text by each model.

        Models that are away are left out: the memory is stored all the same, and embedded later.
        """
        made = await self._encoders.encode([embedded_text(text)], STORE_LIMIT_S)
        return {model: vector for model, (vector,) in made.items()}

    def terms(self, user: UUID, text: MemoryText) -> Terms:
        """Return the terms that a text can be found by."""
        return self._hasher.terms(user, text.content, text.summary, *text.tags)

    def row(
        self,
        user: UUID,
        identifier: UUID,
        text: MemoryText,
        vectors: Mapping[str, array[float]],
        *,
        kind: Kind,
        importance: float,
    ) -> MemoryRow:
        """Return the row of a text with its vectors."""
        return MemoryRow(
            id=identifier,
            kind=kind,
            importance=round(importance, _DIGITS),
            sealed=self._sealer.seal(user, identifier, text),
            terms=self.terms(user, text),
            language=likely_language(text.content),
            vectors=vectors,
        )


def embedded_text(text: MemoryText) -> str:
    """Return the part of a text that the model embeds."""
    if len(text.content) <= _READ_CHARACTERS:
        return text.content
    return f"{text.summary}\n{text.content}"
