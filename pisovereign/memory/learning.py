"""Learning from what users say in chat, beside the conversation and never in its way.

An exchange is queued in the transaction that stores its answer, and nobody waits for what is made
of it. Whatever ends in between, it is learned from: statements that are stored again are merged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from pisovereign.errors import ContextExceeded, PiSovereignError
from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Abandoned, NewJob, Outcome, QueueSettings, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.logs import log_unexpected
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.sentence_selection import SentenceSelector
from pisovereign.memory.statements import Statement, statements
from pisovereign.memory.types import NewMemory
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

LEARNED_TAG = "learned"
LEAST_CHARACTERS = 20
"""Shorter messages and answers are taken for small talk."""
MOST_WAITING = 100
MOST_ATTEMPTS = 10
QUEUE = QueueSettings(
    name="memory_learning",
    repeats=True,
    ordered=True,
    sealed_as=b"memory_learning.payload",
    most_waiting=MOST_WAITING,
)
_TIMING = Timing(lease_s=30.0, renew_s=10.0, idle_s=30.0)
_LEAST_S, _MOST_S = 2.0, 300.0  # pauses while what it takes is away
_IMPORTANCE, _IMPORTANCE_REQUESTED = 0.5, 0.8
_log = logging.getLogger(__name__)


class Learner:
    """Makes memories of the users' own statements, one exchange after the other.

    Args:
        database: Where exchanges wait.
        sealer: Seals them.
        editor: Stores memories, and merges what is known already.
        selection: Lets the model choose further sentences; None: rules alone decide.
        users: Who is learned from.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        editor: MemoryEditor,
        selection: SentenceSelector | None,
        users: Sequence[UUID],
    ) -> None:
        self._database = database
        self._editor = editor
        self._selection = selection
        self._queue = JobQueue(QUEUE, sealer)
        self._worker = Worker(
            self._queue,
            database,
            self,
            users,
            timing=_TIMING,
            failure="nothing is learned for now",
            at_once=1,
        )
        self.start, self.stop = self._worker.start, self._worker.stop

    async def add(
        self, connection: Connection, user: UUID, exchange: UUID, message: str, answer: str
    ) -> None:
        """Learn later from what the user said, unless it or the answer is too short.

        Args:
            connection: In the transaction of `user` that stores the answer.
            user: Who said it, and whose memory it becomes.
            exchange: An id for both; it is learned from once.
            message: The user's words alone, without what the model was told beside them.
            answer: What the model answered; nothing is learned from it.
        """
        if min(len(message.strip()), len(answer.strip())) < LEAST_CHARACTERS:
            return
        await self._queue.add(connection, user, NewJob(id=exchange, payload=message))
        self._database.when_committed(connection, self._worker.wake)

    async def forget(self, user: UUID) -> None:
        """Learn nothing from what the user has said up to now."""
        async with self._database.transaction(user) as connection:
            await self._queue.discard(connection, user)

    async def run(self, job: ClaimedJob) -> Outcome:
        """Learn from an exchange."""
        try:
            found = statements(job.payload)
            await self._keep(job, found)
            known = {statement.content for statement in found}
            chosen = await self._choose(job)
            await self._keep(job, [one for one in chosen if one.content not in known])
        except Superseded:
            raise
        except PiSovereignError as error:
            _log.warning("nothing is learned from an exchange: %s", type(error).__name__)
            if job.attempt >= MOST_ATTEMPTS:
                return Settled("failed", type(error).__name__)
            return Retry(min(_LEAST_S * 2 ** (job.attempt - 1), _MOST_S))
        except Exception as error:  # noqa: BLE001 - one exchange must not end all learning
            log_unexpected(error)
            return Settled("failed", "An unexpected error occurred")
        return Settled()

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing: an exchange does not expire, and is taken over from who vanished."""

    async def _choose(self, job: ClaimedJob) -> list[Statement]:
        if self._selection is None:
            return []
        try:
            return await self._selection.choose(job.user, job.payload)
        except ContextExceeded:
            return []  # a very small context

    async def _keep(self, job: ClaimedJob, found: list[Statement]) -> None:
        for statement in found:
            async with self._database.transaction(job.user) as connection:
                await job.check(connection)  # it may have been forgotten meanwhile
            new = NewMemory(
                content=statement.content,
                summary=statement.summary,
                memory_type=statement.kind,
                importance=_IMPORTANCE_REQUESTED if statement.requested else _IMPORTANCE,
                tags=[LEARNED_TAG],
            )
            await self._editor.add(job.user, new)
