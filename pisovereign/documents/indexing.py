"""Reading documents in the background: first their text, then each passage by every model.

A document's passages are stored in one transaction, and are found by their words from then on.
Vectors follow in small batches, each stored at once. So whoever takes over after a kill goes on
where the last one was, and nothing is there twice.
"""

from __future__ import annotations

import asyncio
import logging
from array import array
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from pisovereign.documents import store
from pisovereign.documents.cutting import Cut
from pisovereign.documents.files import file_pieces
from pisovereign.documents.reading import CannotRead, FileReader, Text
from pisovereign.documents.sealed import DocumentSealer
from pisovereign.documents.store import StoredDocument, StoredPassage
from pisovereign.documents.tables import PASSAGES
from pisovereign.engine_client.encoder import STORE_LIMIT_S
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.errors import EngineMisbehaved, EngineUnavailable, SealError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Abandoned, JobOutcome, NewJob, QueueSettings, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.languages.letters import likely_language
from pisovereign.search_index.terms import TermHasher
from pisovereign.search_index.vectors import as_halfvec
from pisovereign.search_index.versions import KEPT_CHANGES, NewVersion, new_version
from pisovereign.storage.pool import Connection, Database

QUEUE = QueueSettings(name="documents", repeats=True, ordered=True)
BATCH = 32
"""Passages that the models read at once: a second or so of work."""
_ROWS = 250  # passages that are prepared at once, beside the event loop
_MOST_INTERRUPTIONS = 5
_LEAST_S, _MOST_S = 2.0, 120.0  # pauses while the models are away
_TIMING = Timing(lease_s=20.0, renew_s=6.0, idle_s=30.0)
_log = logging.getLogger(__name__)


class Indexer:
    """Reads documents, one of a user after the other.

    Args:
        database: Where they are.
        sealer: Opens files, and seals passages.
        encoders: The models that read passages.
        hasher: Hashes words.
        reader: Reads files.
        most_passages: How many a user may have.
        users: Whose documents are read.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: DocumentSealer,
        encoders: EncoderSet,
        hasher: TermHasher,
        reader: FileReader,
        most_passages: int,
        users: Sequence[UUID],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._encoders = encoders
        self._hasher = hasher
        self._reader = reader
        self._most_passages = most_passages
        self._queue = JobQueue(QUEUE)
        # Of whom it is known that every document has the vectors of all models.
        self._complete: set[UUID] = set()
        self._worker = Worker(
            self._queue,
            database,
            self,
            users,
            timing=_TIMING,
            failure="documents wait to be read",
            at_once=1,
            prepare=self._find_lacking,
        )
        self.start = self._worker.start
        self.stop = self._worker.stop

    async def add(self, connection: Connection, user: UUID, document: UUID) -> None:
        """Have a document read, in a transaction of the user."""
        await self._queue.add(connection, user, NewJob(id=uuid4(), subject=document))
        self._database.when_committed(connection, self._worker.wake)

    async def forget(self, connection: Connection, user: UUID, document: UUID) -> None:
        """Read a document no further, in a transaction of the user."""
        await self._queue.forget(connection, user, document)

    async def run(self, job: ClaimedJob) -> JobOutcome:
        """Read a document, from where it was left."""
        assert job.subject is not None
        if job.interruptions > _MOST_INTERRUPTIONS:
            await self._fail(job, "whatever reads it ends again and again")
            return Settled("failed")
        async with self._database.transaction(job.user) as connection:
            document = await store.find(connection, job.user, job.subject)
        if document is None:
            return Settled()
        if document.state in ("waiting", "failed"):
            try:
                await self._read(job, document)
            except CannotRead as problem:
                await self._fail(job, str(problem))
                return Settled("failed")
            except SealError as error:
                await self._fail(job, error.message)
                return Settled("failed")
        try:
            await self._embed(job, job.subject)
        except (EngineUnavailable, EngineMisbehaved) as error:
            _log.warning("a document waits for the embedding models: %s", error.message)
            return Retry(min(_LEAST_S * 2 ** min(job.attempt - 1, 10), _MOST_S))
        return Settled()

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing: whoever is next goes on."""

    async def _find_lacking(self, user: UUID) -> float:
        """Have documents read by models that came into use; returns when to look again."""
        if user not in self._complete:
            async with self._database.transaction(user) as connection:
                if not await self._queue.any_open(connection, user):
                    for document in await store.lacking(connection, user, self._encoders.models):
                        await store.set_state(connection, user, document, "indexing")
                        await self._queue.add(
                            connection, user, NewJob(id=uuid4(), subject=document)
                        )
                    self._complete.add(user)
        return _TIMING.idle_s

    async def _read(self, job: ClaimedJob, document: StoredDocument) -> None:
        """Store a document's passages."""
        pieces = [
            piece async for piece in file_pieces(self._database, self._sealer, job.user, document)
        ]
        text = await self._reader.read(document.format, b"".join(pieces))
        name = self._sealer.open(job.user, document.id, "name", document.key_id, document.name)
        async with new_version(self._database, PASSAGES, job.user) as change:
            await job.lock(change.connection)
            await self._store(change, document, name, text)

    async def _store(
        self, change: NewVersion, document: StoredDocument, name: str, text: Text
    ) -> None:
        user, connection = change.user, change.connection
        taken = await store.totals(connection, user)
        if taken.passages - document.passages + len(text.passages) > self._most_passages:
            raise CannotRead(
                f"all documents together would have more than {self._most_passages} passages"
            )
        await store.drop_passages(connection, user, document.id)
        title = self._sealer.seal(user, document.id, "title", text.title)
        for start in range(0, len(text.passages), _ROWS):
            cuts = text.passages[start : start + _ROWS]
            rows = await asyncio.to_thread(
                self._rows, user, document.id, f"{name} {text.title}", start, cuts
            )
            await store.add_passages(connection, rows)
            if len(text.passages) <= KEPT_CHANGES:
                await change.note([row["id"] for row in rows])
        if len(text.passages) > KEPT_CHANGES:
            await change.note_all()
        await store.set_text(
            connection,
            user,
            document.id,
            title=title,
            pages=text.pages,
            count=len(text.passages),
        )

    def _rows(
        self, user: UUID, document: UUID, names: str, start: int, cuts: Sequence[Cut]
    ) -> list[dict[str, Any]]:
        """Return what is stored of passages; they are found by their document's names, too."""
        rows = []
        for place, each in enumerate(cuts, start):
            identifier = uuid4()
            terms = self._hasher.terms(user, each.text, " ".join(each.headings), names)
            rows.append(
                {
                    "user": user,
                    "id": identifier,
                    "document": document,
                    "place": place,
                    "page": each.page,
                    "key": self._sealer.key_id,
                    "content": self._sealer.seal(user, identifier, "content", each.text),
                    "heading": self._sealer.seal_headings(user, identifier, each.headings),
                    "terms": terms.hashes.tolist(),
                    "counts": terms.counts.tolist(),
                    "length": terms.length,
                    "language": likely_language(each.text),
                }
            )
        return rows

    async def _embed(self, job: ClaimedJob, document: UUID) -> None:
        """Let all models read what they have not read yet."""
        after, models = -1, self._encoders.models
        while True:
            async with self._database.transaction(job.user) as connection:
                await job.check(connection)
                waiting = await store.unread(
                    connection, job.user, document, models, after=after, limit=BATCH
                )
            if not waiting:
                break
            after = waiting[-1].place
            texts = await asyncio.to_thread(self._texts, job.user, waiting)
            made = await self._encoders.encode(texts, STORE_LIMIT_S)
            if len(made) < len(models):
                raise EngineUnavailable("The embedding models are away")
            async with new_version(self._database, PASSAGES, job.user) as change:
                await job.lock(change.connection)
                await self._put(change, waiting, made)
        async with self._database.transaction(job.user) as connection:
            await job.lock(connection)
            await store.drop_other_models(connection, job.user, document, models)
            await store.set_state(connection, job.user, document, "ready")

    async def _put(
        self,
        change: NewVersion,
        passages: Sequence[StoredPassage],
        made: dict[str, list[array[float]]],
    ) -> None:
        for model, vectors in made.items():
            pairs = [
                (passage.id, as_halfvec(vector))
                for passage, vector in zip(passages, vectors, strict=True)
            ]
            await store.put_embeddings(change.connection, change.user, model, pairs)
        await change.note([passage.id for passage in passages])

    def _texts(self, user: UUID, passages: Sequence[StoredPassage]) -> list[str]:
        """Return what models read of passages: the nearest heading, and the text."""
        texts = []
        for each in passages:
            text = self._sealer.open(user, each.id, "content", each.key_id, each.content)
            headings = self._sealer.open_headings(user, each.id, each.key_id, each.heading)
            texts.append(f"{headings[-1]}\n{text}" if headings else text)
        return texts

    async def _fail(self, job: ClaimedJob, problem: str) -> None:
        assert job.subject is not None
        async with self._database.transaction(job.user) as connection:
            await job.lock(connection)
            await store.set_state(connection, job.user, job.subject, "failed", problem)
