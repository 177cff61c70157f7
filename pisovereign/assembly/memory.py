"""Construction of memories."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.memory.decay import Decay
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.facts import Facts
from pisovereign.memory.learning import Learner
from pisovereign.memory.recall import Recall
from pisovereign.memory.records import RowBuilder, TextSealer
from pisovereign.memory.reembed import Reembedder
from pisovereign.memory.retrieval import Retriever
from pisovereign.memory.sentence_selection import SentenceSelector
from pisovereign.memory.service import MemoryService
from pisovereign.memory.sources import MemorySources
from pisovereign.memory.statement_head import MODEL as HEAD_MODEL
from pisovereign.memory.statement_head import load_head
from pisovereign.memory.statement_reader import StatementReader
from pisovereign.memory.tables import MEMORIES
from pisovereign.memory.upkeep import Upkeep
from pisovereign.memory.usage import UsageCounter
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_store import IndexStore
from pisovereign.search_index.ranking import VectorModel
from pisovereign.search_index.terms import Stemmer, TermHasher


def build_memory(base: Infrastructure, users: Sequence[UUID]) -> tuple[MemoryService, Upkeep]:
    """Return memories, and the work on those of these users in the background."""
    config, database, encoders = base.config, base.database, base.encoders
    sealer = TextSealer(base.sealer)
    sources = MemorySources(base.sealer)
    stemmer = Stemmer()
    hasher = TermHasher(base.runtime.master_key, stemmer)
    models = [VectorModel(e.model, e.dimensions, e.languages) for e in encoders.encoders]
    cache = IndexCache(IndexStore(MEMORIES, models), config.memory.index_bytes)
    uses = UsageCounter(database)
    decay = Decay(database, config.memory.half_life_days, config.memory.delete_below)
    retriever = Retriever(database, cache, encoders, hasher, base.metrics.retrieval)
    editor = MemoryEditor(
        database=database,
        sealer=sealer,
        rows=RowBuilder(sealer, encoders, hasher),
        sources=sources,
        cache=cache,
        stemmer=stemmer,
        merge_threshold=config.memory.merge_threshold,
    )
    limit, threshold = config.memory.chat_limit, config.memory.chat_threshold
    recall = Recall(retriever, sealer, stemmer, limit, threshold)
    learner = _learner(base, editor, users)
    service = MemoryService(
        database=database,
        sealer=sealer,
        sources=sources,
        editor=editor,
        retriever=retriever,
        recall=recall,
        facts=Facts(
            database=database,
            editor=editor,
            retriever=retriever,
            sealer=sealer,
            stemmer=stemmer,
            threshold=threshold,
        ),
        learner=learner,
        uses=uses,
        decay=decay,
        models=encoders.models,
    )
    upkeep = Upkeep(
        uses=uses,
        decay=decay,
        reembedder=Reembedder(database, sealer, encoders),
        recall=recall,
        learner=learner,
        users=users,
        flush_s=config.memory.access_flush_s,
    )
    return service, upkeep


def _learner(base: Infrastructure, editor: MemoryEditor, users: Sequence[UUID]) -> Learner:
    selection = SentenceSelector(base.engine, base.config.inference.model)
    return Learner(
        database=base.database,
        sealer=base.sealer,
        editor=editor,
        reader=StatementReader(base.encoders.get(HEAD_MODEL), load_head()),
        selection=selection if base.config.memory.learn_with_model else None,
        users=users,
    )
