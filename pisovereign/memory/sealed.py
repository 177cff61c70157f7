"""The text of a memory, and its sealed form in the database."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.memory.types import MemoryText
from pisovereign.storage.sealing import Sealer


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
        """The sealed form of a text.

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
        """The text of a row.

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
