"""Construction of documents."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.documents.indexing import Indexer
from pisovereign.documents.reading import FileReader
from pisovereign.documents.recall import PassageRecall
from pisovereign.documents.sealed import DocumentSealer
from pisovereign.documents.search import PassageSearch
from pisovereign.documents.service import DocumentService
from pisovereign.documents.tables import PASSAGES
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_store import IndexStore
from pisovereign.search_index.ranking import VectorModel
from pisovereign.search_index.terms import Stemmer, TermHasher


class DocumentWork:
    """The work on documents that goes on beside the requests.

    Args:
        indexer: Reads them.
        recall: Searches that outlive the message they were for.
    """

    def __init__(self, indexer: Indexer, recall: PassageRecall) -> None:
        self._indexer = indexer
        self._recall = recall

    def start(self) -> None:
        """Begin, on the running loop."""
        self._indexer.start()

    async def stop(self) -> None:
        """End; what is left is read after the next start, or by others."""
        await self._recall.stop()
        await self._indexer.stop()


def build_documents(
    base: Infrastructure, users: Sequence[UUID]
) -> tuple[DocumentService, DocumentWork]:
    """Return documents, and the work on those of these users in the background."""
    config, database, encoders = base.config.documents, base.database, base.encoders
    sealer = DocumentSealer(base.sealer)
    stemmer = Stemmer()
    hasher = TermHasher(base.runtime.master_key, stemmer)
    models = [VectorModel(e.model, e.dimensions, e.languages) for e in encoders.encoders]
    indexer = Indexer(
        database=database,
        sealer=sealer,
        encoders=encoders,
        hasher=hasher,
        reader=FileReader(config.read_timeout_s, config.read_memory_bytes),
        most_passages=config.quota_passages,
        users=users,
    )
    search = PassageSearch(
        database=database,
        sealer=sealer,
        cache=IndexCache(IndexStore(PASSAGES, models), config.index_bytes),
        encoders=encoders,
        hasher=hasher,
        models=models,
    )
    recall = PassageRecall(search, stemmer, config.chat_limit)
    service = DocumentService(
        database=database,
        sealer=sealer,
        digest_key=base.runtime.master_key,
        indexer=indexer,
        search=search,
        recall=recall,
        models=encoders.models,
        config=config,
    )
    return service, DocumentWork(indexer, recall)
