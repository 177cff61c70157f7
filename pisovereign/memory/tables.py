"""Where memories are, for the index that finds them."""

from __future__ import annotations

from pisovereign.memory.types import KINDS
from pisovereign.search_index.collections import Collection

MEMORIES = Collection(
    texts="memories",
    terms="memory_terms",
    embeddings="memory_embeddings",
    owners="memory_owners",
    changes="memory_changes",
    key="memory_id",
    kind="m.memory_type",
    hidden="m.superseded_by IS NOT NULL",
    told_at="extract(epoch FROM m.created_at)",
    kinds=KINDS,
)
