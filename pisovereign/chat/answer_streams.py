"""Answers that are written whether or not their client is there, and can be taken up again.

An answer's pieces are events in a stream of the one log, so any process can send them, again and
from where a client was cut off. Whoever writes it has a job whose lease it renews; when the process
dies, the next look of any other tells those who wait. A message that is sent twice under one id is
one message: its answer is joined while it is written, and shown again afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.asgi.errors import error_object
from pisovereign.chat import stream_store as store
from pisovereign.chat.answer_run import QUEUE, TIMING, AnswerDependencies, AnswerRun
from pisovereign.chat.store import ChatStore
from pisovereign.chat.stream_events import event_of
from pisovereign.chat.types import ChatRequest, ChatResponse, StreamRequest
from pisovereign.chat.watched_stream import WatchedStream
from pisovereign.errors import Conflict, NotFound, ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.events.stream import EventStreams, StreamSettings
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.periodic import PeriodicTask, for_each_user
from pisovereign.jobs.queue import JobQueue
from pisovereign.languages import Language
from pisovereign.storage.pool import Connection, Database

MOST_RUNNING = 8
"""Answers of one user that are written at once."""
KEPT_S = 600.0
"""How long the stream of an answer is kept after its end."""
_LOOK_S = 5.0
_LOST = 1_000  # more events than are written until they are on the disk
_WATCH_S = 10.0  # a watcher is there again by then
_LAST = frozenset(("done", "stopped", "error"))
_SETTINGS = StreamSettings(most_of_one_user=16, retry_ms=1000, heartbeat_s=1.0, last_kinds=_LAST)
_INTERRUPTED = "The program ended while this was answered; send it again"


class StreamStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far an answer is that has a stream."""

    id: UUID
    conversation_id: str
    status: store.StreamState


class _Begun(NamedTuple):
    """The work for a message: `job` to write its answer; None: somebody does, or did."""

    message: UUID
    conversation: str
    job: ClaimedJob | None


class AnswerStreams:
    """Writes answers, and sends them as they are written.

    Args:
        uses: What writes them.
        store: Where messages are.
        events: Where their streams are.
        users: Whose answers are looked after.
        grace_s: How long one goes on that nobody watches, if its client asked for that.
        ending_s: How long it may go on when the process ends.
    """

    def __init__(
        self,
        *,
        uses: AnswerDependencies,
        store: ChatStore,
        events: EventLog,
        users: Sequence[UUID],
        grace_s: float,
        ending_s: float,
    ) -> None:
        self._uses = uses
        self._database: Database = uses.database
        self._store = store
        self._events = events
        self._users = users
        self._grace_s = grace_s
        self._ending_s = ending_s
        self._queue = JobQueue(QUEUE)
        self._streams = EventStreams(events, _SETTINGS)
        self._runs: dict[UUID, AnswerRun] = {}
        self._upkeep = PeriodicTask(self._look, "answers in progress are not looked after")
        self.start = self._upkeep.start

    async def stop(self) -> None:
        """End, after answers that are about to be complete."""
        await self._upkeep.stop()
        tasks = [run.task for run in self._runs.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=self._ending_s)
            for run in list(self._runs.values()):
                run.end()
            await asyncio.wait(tasks, timeout=self._ending_s)

    async def open(self, identity: Identity, request: StreamRequest, language: Language) -> UUID:
        """Answer a message, unless that is done already; return the message's id.

        Raises:
            Conflict: another message has its id.
            ServiceUnavailable: too many answers are written at once.
            PiSovereignError: what is wrong with the request.
        """
        user = identity.user_id
        await self.settle(user)
        begun = await self._begin(user, request)
        if begun.job is None:
            return begun.message
        placed = msgspec.structs.replace(request, conversation_id=begun.conversation)
        run = AnswerRun(self._uses, begun.job, identity, placed, begun.message)
        self._runs[begun.message] = run
        run.start(language)
        run.task.add_done_callback(partial(self._forget_run, begun.message, run))
        await run.accepted()
        return begun.message

    async def whole(
        self, identity: Identity, request: ChatRequest, language: Language
    ) -> ChatResponse:
        """Answer a message that has its client's id, and return all of the answer.

        Raises:
            ServiceUnavailable: it is not complete; the message can be sent again.
            PiSovereignError: as `open`, and what went wrong with the answer.
        """
        fields = msgspec.structs.asdict(request)
        message = await self.open(identity, StreamRequest(**fields), language)
        run = self._runs.get(message)
        user = identity.user_id
        stream = await self.watch(user, message, None)
        try:
            async for _ in stream:
                pass
        finally:
            await stream.close()
        stored = await self._store.response(user, message)
        if stored is not None:
            return stored
        if run is not None and run.error is not None:
            raise run.error
        raise ServiceUnavailable(_INTERRUPTED)

    async def watch(self, user: UUID, message: UUID, after: int | None) -> WatchedStream:
        """Watch an answer from its event number `after` on; None: from the first.

        Raises:
            NotFound: it has no stream, or not any more.
            ServiceUnavailable: too many streams are open.
        """
        await self._see(user, message)
        stream = await self._streams.watch(user, after or 0, stream=message)
        return WatchedStream(
            stream, partial(self._see, user, message), partial(self._left, user, message)
        )

    async def cancel(self, user: UUID, message: UUID) -> StreamStatus:
        """Ask for an answer to end where it is; return how far it is.

        Raises:
            NotFound: it has no stream, or not any more.
        """
        async with self._database.transaction(user) as connection:
            await store.stop(connection, user, message)
            found = await store.state(connection, user, message)
        if found is None:
            raise NotFound("No such stream")
        if (run := self._runs.get(message)) is not None:
            run.look()
        state, conversation = found
        return StreamStatus(id=message, conversation_id=conversation, status=state)

    async def answering(self, user: UUID, conversation: str) -> set[UUID]:
        """Return the messages of a conversation whose answers are being written."""
        async with self._database.transaction(user) as connection:
            return await store.answering(connection, user, conversation)

    async def forget(self, connection: Connection, user: UUID, conversation: str) -> None:
        """End the answers of a conversation that is deleted, and delete their streams."""
        for message in await store.of_conversation(connection, user, conversation):
            await self._events.forget(connection, user, message)
            await store.drop(connection, user, message)

    async def settle(self, user: UUID) -> None:
        """Tell those who wait that an answer's writer is gone; delete what is too old."""
        async with self._database.transaction(user) as connection:
            gone = await self._queue.give_up(connection, user)
            for message in await store.abandoned(connection, user, [job.id for job in gone]):
                error = error_object(ServiceUnavailable(_INTERRUPTED))
                await self._events.skip(connection, user, message, _LOST)
                await self._events.append(connection, user, "error", message, error, stream=message)
            for message in await store.old(connection, user, KEPT_S):
                await self._events.forget(connection, user, message)
                await store.drop(connection, user, message)

    async def _begin(self, user: UUID, request: StreamRequest) -> _Begun:
        client_id = request.client_message_id
        message = uuid4() if client_id is None else uuid5(user, f"chat.message {client_id}")
        async with self._database.transaction(user) as connection:
            await store.lock(connection, message)
            conversation, answer = await self._known(connection, user, message, request)
            known = await store.state(connection, user, message)
            if known is not None and (known[0] == "running" or answer is not None):
                return _Begun(message, known[1], None)
            if answer is None and await store.running(connection, user) >= MOST_RUNNING:
                raise ServiceUnavailable("Too many answers are written at once", retry_after=10)
            await self._events.forget(connection, user, message)
            job = await self._queue.begin(connection, user, uuid4(), TIMING.lease_s)
            grace = self._grace_s if request.resumable else 0.0
            values = {"conversation": conversation, "job": job.id}
            values |= {"grace": grace, "until": grace + _WATCH_S}
            await store.put(connection, user, message, values)
            began = {"message_id": message, "conversation_id": conversation}
            await self._events.append(connection, user, "started", message, began, stream=message)
            if answer is None:
                return _Begun(message, conversation, job)
            # Its stream is gone, and made anew of what is stored.
            for piece in (answer.content, answer):
                kind, data = event_of(piece)
                await self._events.append(connection, user, kind, message, data, stream=message)
            await store.end(connection, user, message, job.id, "done")
            await job.settle(connection)
            return _Begun(message, conversation, None)

    async def _known(
        self, connection: Connection, user: UUID, message: UUID, request: StreamRequest
    ) -> tuple[str, ChatResponse | None]:
        """Return the conversation of a message, and its answer if there is one already."""
        stored = await self._store.question(connection, user, message)
        if stored is None:
            return request.conversation_id or str(uuid4()), None
        other = request.conversation_id not in (None, stored.conversation)
        if other or stored.text != request.message:
            raise Conflict("Another message has this client_message_id")
        return stored.conversation, await self._store.answer_in(connection, user, message)

    async def _see(self, user: UUID, message: UUID) -> None:
        """Store that somebody watches an answer, and look whether anybody writes it."""
        await self.settle(user)
        async with self._database.transaction(user) as connection:
            await store.watched(connection, user, message, _WATCH_S)

    async def _left(self, user: UUID, message: UUID) -> None:
        """Store that a watcher has left; an answer that nobody is to wait for ends."""
        async with self._database.transaction(user) as connection:
            await store.watched(connection, user, message, 0.0)
        if (run := self._runs.get(message)) is not None:
            run.look()

    async def _look(self) -> float:
        await for_each_user(self._users, self.settle)
        return _LOOK_S

    def _forget_run(self, message: UUID, run: AnswerRun, task: asyncio.Task[None]) -> None:
        if self._runs.get(message) is run:
            del self._runs[message]
