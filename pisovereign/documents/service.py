"""Everything that a user can do with documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID, uuid4

from msgspec import UNSET

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.config import DocumentsConfig
from pisovereign.documents import store
from pisovereign.documents.files import file_pieces, store_file
from pisovereign.documents.formats.parsed import MEDIA_TYPES, Unreadable
from pisovereign.documents.formats.sniffing import sniff
from pisovereign.documents.indexing import Indexer
from pisovereign.documents.recall import PassageRecall
from pisovereign.documents.sealed import DocumentSealer
from pisovereign.documents.search import Hit, PassageSearch
from pisovereign.documents.store import StoredDocument, StoredPassage
from pisovereign.documents.tables import PASSAGES
from pisovereign.documents.types import (
    LONGEST_NAME,
    Document,
    DocumentSearch,
    DocumentUsage,
    FoundPassage,
    Passage,
    PassageQuery,
    RecalledPassage,
    State,
)
from pisovereign.errors import Conflict, PayloadTooLarge, SealError, ValidationFailed
from pisovereign.search_index.versions import KEPT_CHANGES, new_version
from pisovereign.storage.pool import Database

_STATES: dict[str, State] = {"waiting": "waiting", "indexing": "indexing", "ready": "ready"}


class Download(NamedTuple):
    """The bytes of a document, and what they are."""

    document: Document
    pieces: AsyncIterator[bytes]


class DocumentService:
    """The rules behind the document routes.

    Args:
        database: Where documents are.
        sealer: Seals and opens them.
        digest_key: Of the hashes by which the same file is recognized.
        indexer: Reads them.
        search: Finds passages.
        recall: Finds passages for chat.
        models: The ids of the embedding models.
        config: What documents may take.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: DocumentSealer,
        digest_key: bytes,
        indexer: Indexer,
        search: PassageSearch,
        recall: PassageRecall,
        models: Sequence[str],
        config: DocumentsConfig,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._digest_key = digest_key
        self._indexer = indexer
        self._search = search
        self._recall = recall
        self._models = tuple(models)
        self._config = config

    async def add(self, user: UUID, name: str, data: bytes) -> tuple[Document, bool]:
        """Store a file, and have it read; return it, and whether it was not there before.

        The same bytes are one document, whatever they are called, so sending them again after a
        broken connection is safe.

        Raises:
            ValidationFailed: it is of no format that is read here, or its name cannot be stored.
            PayloadTooLarge: it is too large.
            Conflict: all files together would be.
        """
        if len(data) > self._config.file_bytes:
            raise PayloadTooLarge(f"The file is larger than {self._config.file_bytes} bytes")
        name = name.replace("\\", "/").rpartition("/")[2].strip()[:LONGEST_NAME] or "document"
        try:
            kind = await asyncio.to_thread(sniff, data, name)
        except Unreadable as problem:
            raise ValidationFailed([{"field": "body", "error": str(problem)}]) from None
        identifier = uuid4()
        row = {
            "user": user,
            "id": identifier,
            "key": self._sealer.key_id,
            "name": self._sealer.seal(user, identifier, "name", name),
            "digest": await asyncio.to_thread(self._digest, user, data),
            "format": kind,
            "size": len(data),
        }
        async with self._database.transaction(user) as connection:
            await store.lock(connection, user)
            known = await store.add(connection, row)
            if known is None:
                taken = await store.totals(connection, user)
                if taken.bytes > self._config.quota_bytes:
                    raise Conflict(
                        f"All files together would be larger than {self._config.quota_bytes} bytes:"
                        " delete some first"
                    )
                await store_file(connection, self._sealer, user, identifier, data)
                await self._indexer.add(connection, user, identifier)
        return await self.get(user, known or identifier), known is None

    async def get(self, user: UUID, document: UUID) -> Document:
        """Return a document.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            stored = await store.get(connection, user, document)
            read = await store.count_read(connection, user, [document], self._models)
        return self._shown(user, stored, read)

    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[Document], int]:
        """Return a page of documents, the newest first, and how many there are."""
        async with self._database.transaction(user) as connection:
            listed, total = await store.page(connection, user, limit, offset)
            open_ids = [each.id for each in listed if each.state == "indexing"]
            read = await store.count_read(connection, user, open_ids, self._models)
        return [self._shown(user, stored, read) for stored in listed], total

    async def usage(self, user: UUID) -> DocumentUsage:
        """Return what documents take, and what they may."""
        async with self._database.transaction(user) as connection:
            taken = await store.totals(connection, user)
        return DocumentUsage(
            documents=taken.documents,
            bytes=taken.bytes,
            passages=taken.passages,
            most_bytes=self._config.quota_bytes,
            most_passages=self._config.quota_passages,
            most_file_bytes=self._config.file_bytes,
        )

    async def download(self, user: UUID, document: UUID) -> Download:
        """Return a document with its bytes.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            stored = await store.get(connection, user, document)
        pieces = file_pieces(self._database, self._sealer, user, stored)
        return Download(self._shown(user, stored, {}), pieces)

    async def passages(
        self, user: UUID, document: UUID, query: PassageQuery
    ) -> tuple[list[Passage], int]:
        """Return a part of a document's text, and of how many passages it is.

        Raises:
            NotFound: unknown, or somebody else's.
            SealError: it cannot be opened.
        """
        async with self._database.transaction(user) as connection:
            stored = await store.get(connection, user, document)
            rows = await store.passages(
                connection, user, document, limit=query.limit, offset=query.offset
            )
        return await made_in_parts(partial(self._passage, user), rows), stored.passages

    async def search(self, user: UUID, query: DocumentSearch) -> list[FoundPassage]:
        """Return the passages that fit a question best, the best first."""
        hits = await self._search.search(
            user, query.q, limit=query.limit, document=query.document_id
        )
        return [_found(hit) for hit in hits]

    async def recall(self, user: UUID, message: str) -> list[RecalledPassage]:
        """Return the passages that fit a chat message, the best first."""
        return await self._recall.recall(user, message)

    async def reindex(self, user: UUID, document: UUID) -> Document:
        """Read a document again from its file.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            await store.get(connection, user, document)
            await self._indexer.forget(connection, user, document)
            await store.set_state(connection, user, document, "waiting")
            await self._indexer.add(connection, user, document)
        return await self.get(user, document)

    async def delete(self, user: UUID, document: UUID) -> None:
        """Delete a document: its file, its text, and what it was found by.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with new_version(self._database, PASSAGES, user) as change:
            connection = change.connection
            await store.get(connection, user, document)
            await self._indexer.forget(connection, user, document)
            ids = await store.passage_ids(connection, user, document, KEPT_CHANGES + 1)
            if len(ids) > KEPT_CHANGES:
                await change.note_all()
            elif ids:
                await change.note(ids)
            await store.delete(connection, user, document)

    def _digest(self, user: UUID, data: bytes) -> bytes:
        return blake2b(
            data, key=self._digest_key, salt=user.bytes, person=b"pisovereign-file", digest_size=32
        ).digest()

    def _shown(self, user: UUID, stored: StoredDocument, read: dict[UUID, int]) -> Document:
        name = title = ""
        error = stored.error
        try:
            name = self._sealer.open(user, stored.id, "name", stored.key_id, stored.name)
            if stored.title is not None:
                title = self._sealer.open(user, stored.id, "title", stored.key_id, stored.title)
        except SealError as problem:
            error = problem.message
        done = stored.passages if stored.state == "ready" else read.get(stored.id, 0)
        return Document(
            id=stored.id,
            name=name,
            title=title,
            format=stored.format,
            media_type=MEDIA_TYPES[stored.format],
            size=stored.size,
            pages=stored.pages,
            passages=stored.passages,
            read=done,
            state=_STATES.get(stored.state, "failed"),
            created_at=stored.created_at,
            error=UNSET if error is None else error,
        )

    def _passage(self, user: UUID, row: StoredPassage) -> Passage:
        return Passage(
            id=row.id,
            document_id=row.document,
            place=row.place,
            page=row.page,
            headings=self._sealer.open_headings(user, row.id, row.key_id, row.heading),
            text=self._sealer.open(user, row.id, "content", row.key_id, row.content),
        )


def _found(hit: Hit) -> FoundPassage:
    return FoundPassage(
        id=hit.passage.id,
        document_id=hit.document.id,
        place=hit.passage.place,
        page=hit.passage.page,
        headings=hit.headings,
        text=hit.text,
        document=hit.name,
        score=round(hit.score, 4),
        similarity=hit.candidate.similarity,
    )
