"""Sealed values of documents: each is bound to its row, its owner and its column."""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.storage.sealing import Sealer


class DocumentSealer:
    """Seals names, pieces of files, and passages."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.key_id = sealer.key_id

    def seal(self, user: UUID, row: UUID, column: str, text: str) -> bytes:
        """Return the sealed form of a text.

        Raises:
            SealError: it holds lone surrogates.
        """
        return self._sealer.seal(text, aad=_binding(user, row, column)).data

    def open(self, user: UUID, row: UUID, column: str, key_id: str, sealed: bytes) -> str:
        """Return a text.

        Raises:
            SealError: it was sealed with another key, or changed, cut or moved.
        """
        return self._sealer.open(bytes(sealed), key_id, _binding(user, row, column))

    def seal_headings(self, user: UUID, row: UUID, headings: tuple[str, ...]) -> bytes:
        """Return the sealed form of headings."""
        return self.seal(user, row, "heading", msgspec.json.encode(headings).decode())

    def open_headings(self, user: UUID, row: UUID, key_id: str, sealed: bytes) -> list[str]:
        """Return headings.

        Raises:
            SealError: as `open`.
        """
        text = self.open(user, row, "heading", key_id, sealed)
        return msgspec.json.decode(text, type=list[str])

    def seal_piece(self, user: UUID, document: UUID, piece: int, content: bytes) -> bytes:
        """Return the sealed form of a piece of a file."""
        return self._sealer.seal_bytes(content, aad=_binding(user, document, f"piece{piece}")).data

    def open_piece(
        self, user: UUID, document: UUID, piece: int, key_id: str, sealed: bytes
    ) -> bytes:
        """Return a piece of a file.

        Raises:
            SealError: as `open`.
        """
        binding = _binding(user, document, f"piece{piece}")
        return self._sealer.open_bytes(bytes(sealed), key_id, binding)


def _binding(user: UUID, row: UUID, column: str) -> bytes:
    return b"documents." + column.encode() + row.bytes + user.bytes
