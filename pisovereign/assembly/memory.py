"""What memories are made of."""

from __future__ import annotations

from pisovereign.api_keys import KeyRing
from pisovereign.assembly.cache import Regions
from pisovereign.config import Config
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.memory.access import AccessCounter
from pisovereign.memory.cache import IndexCache
from pisovereign.memory.decay import Decay
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.index_store import IndexStore
from pisovereign.memory.learning import Learner
from pisovereign.memory.metrics import RetrievalMetrics
from pisovereign.memory.recall import Recall
from pisovereign.memory.reembed import Reembedder
from pisovereign.memory.retrieval import Retriever
from pisovereign.memory.rows import RowMaker
from pisovereign.memory.sealed import TextSealer
from pisovereign.memory.selection import Selection
from pisovereign.memory.service import MemoryService
from pisovereign.memory.terms import Stemmer, TermHasher
from pisovereign.memory.upkeep import Upkeep
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer


def build_memory(
    config: Config,
    runtime: Runtime,
    database: Database,
    engine: EngineClient,
    *,
    keys: KeyRing,
    kept: Regions,
    meter: RetrievalMetrics,
) -> tuple[MemoryService, Upkeep]:
    """Memories, and the work on them in the background."""
    sealer = TextSealer(Sealer(runtime.master_key))
    stemmer = Stemmer()
    hasher = TermHasher(runtime.master_key, stemmer)
    encoder = Encoder(engine, config.engine.embedding_model, kept.embeddings)
    cache = IndexCache(IndexStore(encoder.model), config.memory.index_bytes)
    uses = AccessCounter(database)
    decay = Decay(config.memory.half_life_days, config.memory.delete_below)
    retriever = Retriever(database, cache, encoder, hasher, meter)
    editor = MemoryEditor(
        database=database,
        sealer=sealer,
        rows=RowMaker(sealer, encoder, hasher),
        cache=cache,
        stemmer=stemmer,
        merge_threshold=config.memory.merge_threshold,
    )
    recall = Recall(
        retriever, sealer, stemmer, config.memory.chat_limit, config.memory.chat_threshold
    )
    selection = Selection(engine, config.inference.model)
    learner = Learner(editor, selection if config.memory.learn_with_model else None)
    service = MemoryService(
        database=database,
        sealer=sealer,
        editor=editor,
        retriever=retriever,
        recall=recall,
        learner=learner,
        uses=uses,
        decay=decay,
        model=encoder.model,
    )
    upkeep = Upkeep(
        database=database,
        uses=uses,
        decay=decay,
        reembedder=Reembedder(database, sealer, encoder),
        recall=recall,
        learner=learner,
        users=keys.users(),
        flush_s=config.memory.access_flush_s,
    )
    return service, upkeep
