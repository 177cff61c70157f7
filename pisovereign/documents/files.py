"""The bytes of documents, sealed in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from pisovereign.documents import store
from pisovereign.documents.sealed import DocumentSealer
from pisovereign.documents.store import PIECE_BYTES, StoredDocument
from pisovereign.errors import NotFound
from pisovereign.storage.pool import Connection, Database


async def store_file(
    connection: Connection, sealer: DocumentSealer, user: UUID, document: UUID, data: bytes
) -> None:
    """Store the bytes of a document."""
    for number, start in enumerate(range(0, len(data), PIECE_BYTES)):
        piece = data[start : start + PIECE_BYTES]
        sealed = sealer.seal_piece(user, document, number, piece)
        await store.add_piece(connection, user, document, number, sealed)


async def file_pieces(
    database: Database, sealer: DocumentSealer, user: UUID, document: StoredDocument
) -> AsyncIterator[bytes]:
    """Yield the bytes of a document.

    Raises:
        NotFound: it was deleted meanwhile.
        SealError: they cannot be opened.
    """
    for number in range(-(-document.size // PIECE_BYTES)):
        sealed = await store.piece(database, user, document.id, number)
        if sealed is None:
            raise NotFound("No such document")
        yield sealer.open_piece(user, document.id, number, document.key_id, sealed)
