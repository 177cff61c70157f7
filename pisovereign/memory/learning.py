"""Learning from what users say in chat, beside the conversation and never in its way.

An exchange is queued in the transaction that stores its answer, and nobody waits for what is made
of it, but for the next message of the same user, which may ask about it. Whatever ends in between,
it is learned from: statements that are stored again are merged. A model that chooses further
sentences takes its time, so that is a queue of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from uuid import UUID

from pisovereign.errors import ContextExceeded, PiSovereignError
from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Abandoned, JobOutcome, NewJob, QueueSettings, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.logs import log_unexpected
from pisovereign.memory.editor import Added, MemoryEditor
from pisovereign.memory.sentence_selection import SentenceSelector
from pisovereign.memory.sources import NewSource
from pisovereign.memory.statement_reader import StatementReader
from pisovereign.memory.statements import Statement, candidates
from pisovereign.memory.types import NewMemory
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

LEARNED_TAG = "learned"
LEAST_CHARACTERS = 20
"""After a shorter answer the message is taken for small talk."""
LEAST_SAID = 8
"""Shorter messages state nothing."""
MOST_WAITING = 100
MOST_ATTEMPTS = 10
QUEUE = QueueSettings(
    name="memory_learning",
    repeats=True,
    ordered=True,
    sealed_as=b"memory_learning.payload",
    most_waiting=MOST_WAITING,
)
CHOICES = QUEUE._replace(name="memory_choices", sealed_as=b"memory_choices.payload")
_TIMING = Timing(lease_s=30.0, renew_s=10.0, idle_s=30.0)
_LEAST_S, _MOST_S = 2.0, 300.0  # pauses while what it takes is away
_LOOK_S = 0.02
_READ_LIMIT_S = 1.0  # an answer waits for it
_IMPORTANCE, _IMPORTANCE_REQUESTED = 0.5, 0.8
_log = logging.getLogger(__name__)


class Learner:
    """Makes memories of the users' own statements, one exchange after the other.

    Args:
        database: Where exchanges wait.
        sealer: Seals them.
        editor: Stores memories, and merges what is known already.
        reader: Finds the statements of a message.
        selection: Lets the model choose further sentences; None: it is not asked.
        users: Who is learned from.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        editor: MemoryEditor,
        reader: StatementReader,
        selection: SentenceSelector | None,
        users: Sequence[UUID],
    ) -> None:
        self._database = database
        self._reader = reader
        self._editor = editor
        self._keeper = _Keeper(database, editor)
        self._queue = JobQueue(QUEUE, sealer)
        self._worker = _worker(self._queue, database, self, users)
        self._choices: _Choices | None = None
        if selection is not None:
            self._choices = _Choices(
                keeper=self._keeper,
                database=database,
                sealer=sealer,
                reader=reader,
                selection=selection,
                users=users,
            )

    def start(self) -> None:
        """Begin, on the running loop."""
        self._worker.start()
        if self._choices is not None:
            self._choices.worker.start()

    async def stop(self) -> None:
        """End; what is left is learned after the next start, or by others."""
        await self._worker.stop()
        if self._choices is not None:
            await self._choices.worker.stop()

    async def add(
        self, connection: Connection, user: UUID, exchange: UUID, message: str, answer: str
    ) -> None:
        """Learn later from what the user said, unless it or the answer is too short.

        Nothing is queued for a message that only asks, or that otherwise cannot state anything.

        Args:
            connection: In the transaction of `user` that stores the answer.
            user: Who said it, and whose memory it becomes.
            exchange: An id for both; it is learned from once.
            message: The user's words alone, without what the model was told beside them.
            answer: What the model answered; nothing is learned from it.
        """
        if len(message.strip()) < LEAST_SAID or len(answer.strip()) < LEAST_CHARACTERS:
            return
        if self._choices is None and not candidates(message):
            return
        await self._queue.add(connection, user, NewJob(id=exchange, payload=message))
        self._database.when_committed(connection, self._worker.wake)

    async def drop(self, connection: Connection, user: UUID, exchange: UUID) -> None:
        """Learn nothing more from an exchange, in a transaction of the user."""
        await self._queue.end(connection, user, exchange)
        if self._choices is not None:
            await self._choices.queue.end(connection, user, exchange)

    async def finds(self, message: str) -> bool:
        """Return whether there is something in a message that is learned from it."""
        if len(message.strip()) < LEAST_SAID:
            return False
        try:
            return bool(await self._reader.read(message))
        except PiSovereignError:
            return False  # it is learned once the encoder is back

    async def only_states(self, message: str) -> bool:
        """Return whether a message says nothing but what is learned from it."""
        if len(message.strip()) < LEAST_SAID:
            return False
        try:
            return bool(await self._reader.read_whole(message, _READ_LIMIT_S))
        except PiSovereignError:
            return False

    async def learn_now(self, user: UUID, message: str) -> list[Added]:
        """Store the statements of a message at once; once they are, doing it again merges them.

        Raises:
            EngineUnavailable, EngineMisbehaved: as `StatementReader.read`.
        """
        found = await self._reader.read(message)
        return [
            await self._editor.add(user, _memory(one), NewSource("said", one.content), spoken=True)
            for one in found
        ]

    async def caught_up(self, user: UUID, limit_s: float) -> bool:
        """Wait until what the user said before is learned; return whether it is.

        What cannot be learned now, because something is away, is not waited for.
        """
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    # Another process may be at it, so the database is asked.
                    if not await self._queue.any_due(self._database, user):
                        return True
                    await asyncio.sleep(_LOOK_S)
        except (TimeoutError, PiSovereignError):
            return False

    async def forget(self, user: UUID) -> None:
        """Learn nothing from what the user has said up to now."""
        async with self._database.transaction(user) as connection:
            await self._queue.discard(connection, user)
            if self._choices is not None:
                await self._choices.queue.discard(connection, user)

    async def run(self, job: ClaimedJob) -> JobOutcome:
        """Learn from an exchange."""

        async def learn() -> JobOutcome:
            await self._keeper.keep(job, await self._reader.read(job.payload))
            return Settled() if self._choices is None else Settled(also=self._choices.after(job))

        return await _learned(job, learn)

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing: an exchange does not expire, and is taken over from who vanished."""


class _Choices:
    """Lets the model choose among what is left of each message."""

    def __init__(
        self,
        *,
        keeper: _Keeper,
        database: Database,
        sealer: Sealer,
        reader: StatementReader,
        selection: SentenceSelector,
        users: Sequence[UUID],
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._reader = reader
        self._selection = selection
        self.queue = JobQueue(CHOICES, sealer)
        self.worker = _worker(self.queue, database, self, users)

    def after(self, job: ClaimedJob) -> Callable[[Connection], Awaitable[None]]:
        """Return what adds the choice among the sentences of an exchange."""

        async def add(connection: Connection) -> None:
            await self.queue.add(connection, job.user, NewJob(id=job.id, payload=job.payload))
            self._database.when_committed(connection, self.worker.wake)

        return add

    async def run(self, job: ClaimedJob) -> JobOutcome:
        async def learn() -> JobOutcome:
            known = {statement.content for statement in await self._reader.read(job.payload)}
            try:
                chosen = await self._selection.choose(job.user, job.payload)
            except ContextExceeded:
                return Settled()  # a very small context
            await self._keeper.keep(job, (one for one in chosen if one.content not in known))
            return Settled()

        return await _learned(job, learn)

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing, as for exchanges."""


class _Keeper:
    """Stores statements."""

    def __init__(self, database: Database, editor: MemoryEditor) -> None:
        self._database = database
        self._editor = editor

    async def keep(self, job: ClaimedJob, found: Iterable[Statement]) -> None:
        """Store statements that the user has not forgotten meanwhile."""
        for statement in found:
            async with self._database.transaction(job.user) as connection:
                await job.check(connection)
            source = NewSource("said", statement.content, job.id)
            await self._editor.add(job.user, _memory(statement), source, spoken=True)


def _memory(statement: Statement) -> NewMemory:
    return NewMemory(
        content=statement.content,
        summary=statement.summary,
        memory_type=statement.kind,
        importance=_IMPORTANCE_REQUESTED if statement.requested else _IMPORTANCE,
        tags=[LEARNED_TAG],
    )


def _worker(
    queue: JobQueue, database: Database, handler: Learner | _Choices, users: Sequence[UUID]
) -> Worker:
    return Worker(
        queue,
        database,
        handler,
        users,
        timing=_TIMING,
        failure="nothing is learned for now",
        at_once=1,
    )


async def _learned(job: ClaimedJob, learn: Callable[[], Awaitable[JobOutcome]]) -> JobOutcome:
    try:
        return await learn()
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
