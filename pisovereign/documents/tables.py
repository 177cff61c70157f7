"""Where passages are, for the index that finds them."""

from __future__ import annotations

from pisovereign.search_index.collections import Collection

KIND = "passage"
PASSAGES = Collection(
    texts="passages",
    terms="passage_terms",
    embeddings="passage_embeddings",
    owners="passage_owners",
    changes="passage_changes",
    key="passage_id",
    kind=f"'{KIND}'",
    hidden="false",
    # More than an hour apart: a passage says nothing of the one before, as a turn of a talk does.
    told_at="m.seq * 7200.0",
    kinds=(KIND,),
)
