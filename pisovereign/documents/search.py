"""Finding passages, by meaning and by words, with the index that finds memories."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from pisovereign.documents import store
from pisovereign.documents.sealed import DocumentSealer
from pisovereign.documents.store import StoredDocument, StoredPassage
from pisovereign.documents.tables import PASSAGES
from pisovereign.engine_client.encoder import SEARCH_LIMIT_S
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.errors import SealError
from pisovereign.languages import Language
from pisovereign.languages.letters import likely_language
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_types import Candidate, RankQuery
from pisovereign.search_index.ranking import WORD_WEIGHT, VectorModel
from pisovereign.search_index.terms import TermHasher
from pisovereign.search_index.versions import current_version
from pisovereign.storage.pool import Database

# Where one document is meant, as many are ranked before those of others are left out.
_MANY = 2_000
_SPARE = 3
# The least cosine by a model that knows the languages of both; by one that knows all, where another
# knows them better; and across languages.
_NEAR, _NEAR_OF_GENERALIST, _NEAR_ACROSS = 0.4, 0.5, 0.35
# The least share of a message's words, by how rare they are, that is enough without that.
_COVER = 0.6
# Where no model knows the language best: the least relevance, of meaning and words together.
_RELEVANT = 4.5
# Of that many words at least.
_SHARED_WORDS = 2


class Hit(NamedTuple):
    """A passage that a search found, opened.

    Attributes:
        passage: As it is stored.
        document: The one that it is of.
        name: Of the document.
        headings: Those that it stands below.
        text: Of the passage.
        score: About 1 at most.
        candidate: Why it was found.
    """

    passage: StoredPassage
    document: StoredDocument
    name: str
    headings: list[str]
    text: str
    score: float
    candidate: Candidate


class PassageSearch:
    """Searches passages.

    Args:
        database: Where they are.
        sealer: Opens them.
        cache: Their indexes.
        encoders: The models that read questions.
        hasher: Hashes words.
        models: The same models, as ranking knows them.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: DocumentSealer,
        cache: IndexCache,
        encoders: EncoderSet,
        hasher: TermHasher,
        models: Sequence[VectorModel],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._cache = cache
        self._encoders = encoders
        self._hasher = hasher
        self._models = models

    async def search(
        self,
        user: UUID,
        text: str,
        *,
        limit: int,
        document: UUID | None = None,
        encode_limit_s: float = SEARCH_LIMIT_S,
    ) -> list[Hit]:
        """Return the best passages for `text`, best first.

        Without an engine they are found by their words alone.

        Args:
            user: The owner.
            text: What is looked for.
            limit: How many at most.
            document: Only passages of this one; None: of all.
            encode_limit_s: Seconds the models may take.
        """
        if not await current_version(self._database, PASSAGES, user):
            return []  # no document was ever here
        encoding = asyncio.create_task(self._encoders.question(user, text, encode_limit_s))
        try:
            index = await self._cache.ready(self._database, user)
            vectors = await encoding
        finally:
            encoding.cancel()
        language = likely_language(text)
        query = RankQuery(
            vectors=vectors,
            terms=self._hasher.query(user, text, language),
            language=language,
            kind=None,
            limit=limit + _SPARE if document is None else _MANY,
        )
        if index is None:
            candidates = await self._cache.rank_in_database(self._database, user, query)
        else:
            candidates = index.rank(query)
        return await self._hits(user, candidates, document, limit)

    def fitting(self, text: str, hits: Sequence[Hit], shared: Sequence[int]) -> list[Hit]:
        """Return the hits that fit a message; `shared` says how many of its words each has."""
        asked = likely_language(text)
        return [
            hit for hit, count in zip(hits, shared, strict=True) if self._fits(asked, hit, count)
        ]

    def _fits(self, asked: Language | None, hit: Hit, shared: int) -> bool:
        """Return whether a hit fits a message: a search always finds something.

        Args:
            asked: The language of the message; None: unknown.
            hit: What was found.
            shared: How many words of the message it has.
        """
        candidate, cosines = hit.candidate, hit.candidate.cosines
        if shared >= _SHARED_WORDS and candidate.lexical >= _COVER * WORD_WEIGHT:
            return True
        spoken = {code for code in (asked, likely_language(hit.text)) if code is not None}
        known = [model for model in self._models if model.id in cosines]
        general = [cosines[model.id] for model in known if model.languages is None]
        special = [
            cosines[model.id]
            for model in known
            if model.languages is not None and spoken and spoken <= model.languages
        ]
        if special:
            return max(special) >= _NEAR or max(general, default=0.0) >= _NEAR_OF_GENERALIST
        if shared >= _SHARED_WORDS and candidate.relevance >= _RELEVANT:
            return True
        return max(general, default=0.0) >= (_NEAR_ACROSS if len(spoken) > 1 else _NEAR)

    async def _hits(
        self, user: UUID, candidates: Sequence[Candidate], document: UUID | None, limit: int
    ) -> list[Hit]:
        if not candidates:
            return []
        passages = await store.some_passages(
            self._database, user, [candidate.id for candidate in candidates]
        )
        documents = await store.some(
            self._database, user, list({each.document for each in passages.values()})
        )
        best = max(1.0, *(candidate.relevance for candidate in candidates))
        found: list[Hit] = []
        for candidate in candidates:
            passage = passages.get(candidate.id)
            if passage is None or passage.document not in documents:
                continue  # it was deleted since
            if document in (None, passage.document) and len(found) < limit:
                hit = self._opened(user, candidate, passage, documents, best)
                found += [] if hit is None else [hit]
        return found

    def _opened(
        self,
        user: UUID,
        candidate: Candidate,
        passage: StoredPassage,
        documents: Mapping[UUID, StoredDocument],
        best: float,
    ) -> Hit | None:
        document, sealer = documents[passage.document], self._sealer
        try:
            return Hit(
                passage=passage,
                document=document,
                name=sealer.open(user, document.id, "name", document.key_id, document.name),
                headings=sealer.open_headings(user, passage.id, passage.key_id, passage.heading),
                text=sealer.open(user, passage.id, "content", passage.key_id, passage.content),
                score=max(candidate.relevance, 0.0) / best,
                candidate=candidate,
            )
        except SealError:
            return None  # its own routes tell of it
