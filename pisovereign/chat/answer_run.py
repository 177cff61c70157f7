"""Writing one answer beside its client's connection, until it is complete or nobody wants it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Literal, NamedTuple
from uuid import UUID, uuid5

from msgspec import UNSET

from pisovereign.api_keys import Identity
from pisovereign.asgi.errors import error_object
from pisovereign.chat import stream_store as store
from pisovereign.chat.answer_notices import AnswerNotices, ReadyAnswer
from pisovereign.chat.commands import CommandTurn
from pisovereign.chat.model_requests import PendingTurn
from pisovereign.chat.service import ChatService
from pisovereign.chat.stream_writer import StreamWriter
from pisovereign.chat.types import ChatResponse, Promise, StreamRequest, ToolCall, ToolResult
from pisovereign.chat.user_message import UserMessage
from pisovereign.errors import InternalError, PiSovereignError, ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.events.wakeups import woken
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import QueueSettings
from pisovereign.jobs.worker import Timing, keep_lease
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.logs import log_unexpected
from pisovereign.storage.pool import Connection, Database

# Nobody asks for a job of an answer once it is over; there is one for each message.
QUEUE = QueueSettings("chat_answers", repeats=False, ordered=False, keep_days=1)
TIMING = Timing(lease_s=10.0, renew_s=3.0)
_LOOK_S = 1.0  # how soon it is seen that it is to end, where another process was told
_ENDED = "The program is ending; send the message again"
_LEFT = "Nobody waited for this answer; send the message again"


class AnswerDependencies(NamedTuple):
    """The dependencies of an answer's run."""

    database: Database
    chat: ChatService
    events: EventLog
    notices: AnswerNotices


class AnswerRun:
    """One answer.

    Args:
        uses: What it is written with.
        job: The right to write it.
        identity: Whose it is.
        request: What was said.
        message: The message's id, which is the name of the stream.

    Attributes:
        error: What went wrong; None: nothing, so far.
        task: Ends when the answer is over, and that is stored.
    """

    task: asyncio.Task[None]

    def __init__(
        self,
        uses: AnswerDependencies,
        job: ClaimedJob,
        identity: Identity,
        request: StreamRequest,
        message: UUID,
    ) -> None:
        self._uses = uses
        self._job = job
        self._identity = identity
        self._request = request
        self._message = message
        self._writer = StreamWriter(uses.database, uses.events, job.user, message)
        self._accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever asked may have left already.
        self._accepted.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._why: Literal["stop", "left", "end"] | None = None
        self._turn: PendingTurn | CommandTurn | None = None
        self._text = ""
        self._calls: list[ToolCall] = []
        self._results: list[ToolResult] = []
        # Their reader was told that they need not wait: it goes on without them.
        self._promised = False
        self._control = uuid5(message, "control")
        self._work: asyncio.Task[None] | None = None
        self.error: PiSovereignError | None = None

    def start(self, language: Language) -> None:
        """Begin to write the answer."""
        self.task = asyncio.create_task(self._run(language))

    async def accepted(self) -> None:
        """Wait until the message is stored.

        Raises:
            PiSovereignError: it is not, and why.
        """
        await asyncio.shield(self._accepted)

    def look(self) -> None:
        """Look now whether the answer is still wanted."""
        self._uses.events.wakeups.wake(self._control)

    def end(self) -> None:
        """End because the process does."""
        self._cancel("end")

    async def _run(self, language: Language) -> None:
        work = self._work = asyncio.create_task(self._answer(language))
        beside = [
            asyncio.create_task(keep_lease(self._uses.database, self._job, TIMING, work)),
            asyncio.create_task(self._watch()),
        ]
        state: store.StreamState = "failed"
        try:
            await asyncio.wait((work,))
            state = await self._outcome(work)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._finish(state, language)

    async def _answer(self, language: Language) -> None:
        chat = self._uses.chat
        message = UserMessage(
            identity=self._identity, request=self._request, language=language, id=self._message
        )
        turn = self._turn = await chat.begin(message)
        self._accepted.set_result(None)
        async with aclosing(chat.answer(turn)) as pieces:
            async for piece in pieces:
                match piece:
                    case str():
                        self._text += piece
                    case ToolCall():
                        self._calls.append(piece)
                    case ToolResult():
                        self._results.append(piece)
                    case Promise():
                        long = piece.notice is not UNSET and self._request.resumable
                        self._promised = self._promised or long
                    case ChatResponse():
                        pass
                self._writer.add(piece)

    async def _outcome(self, work: asyncio.Task[None]) -> store.StreamState:
        """Tell how the work ended, as the last event."""
        if work.cancelled():
            return await self._cancelled()
        error = work.exception()
        if error is None:
            return "done"
        if not isinstance(error, PiSovereignError):
            log_unexpected(error)
            error = InternalError("An internal error occurred")
        self._failed(error)
        return "failed"

    async def _cancelled(self) -> store.StreamState:
        """Keep what was shown of an answer that its reader has ended."""
        if self._why != "stop":
            self._failed(ServiceUnavailable(_LEFT if self._why == "left" else _ENDED))
            return "failed"
        turn = self._turn
        if isinstance(turn, PendingTurn) and self._text.strip() and turn.replaces is None:
            try:
                answer = await self._uses.chat.keep_stopped(
                    turn, self._text, self._calls, self._results
                )
            except PiSovereignError as error:
                self._failed(error)
                return "failed"
            self._writer.add(answer)
            return "done"
        self._writer.tell("stopped", {"message_id": self._message})
        self._refuse(ServiceUnavailable("It was stopped"))
        return "stopped"

    def _failed(self, error: PiSovereignError) -> None:
        self.error = error
        self._refuse(error)
        self._writer.tell("error", error_object(error))

    def _refuse(self, error: PiSovereignError) -> None:
        if not self._accepted.done():
            self._accepted.set_exception(error)

    async def _watch(self) -> None:
        """End the work once nobody wants it."""
        job = self._job
        with self._uses.events.wakeups.wakeup(self._control) as wakeup:
            while self._why is None:
                await woken(wakeup, _LOOK_S)
                wakeup.clear()
                try:
                    async with self._uses.database.transaction(job.user) as connection:
                        wanted = await store.wanted(connection, job.user, self._message, job.id)
                except PiSovereignError:
                    continue
                if wanted.stop:
                    self._cancel("stop")
                elif not wanted.watched and not self._promised:
                    self._cancel("left")

    def _cancel(self, why: Literal["stop", "left", "end"]) -> None:
        # What a command does is not ended halfway.
        if self._why is None and self._work is not None and not isinstance(self._turn, CommandTurn):
            self._why = why
            self._work.cancel()

    async def _finish(self, state: store.StreamState, language: Language) -> None:
        """Write what is left of the stream, and that it is over."""
        user = self._job.user

        async def over(connection: Connection) -> None:
            await self._job.settle(connection)
            if self._promised and state == "done":
                await self._tell(connection, language)
            await store.end(connection, user, self._message, self._job.id, state)

        # Otherwise the lease runs out, and the next look of anybody says that it was interrupted.
        with suppress(PiSovereignError):
            await self._writer.close(over)

    async def _tell(self, connection: Connection, language: Language) -> None:
        """Tell who was promised to be told."""
        turn, user = self._turn, self._job.user
        if turn is None:
            return
        wanted = await store.wanted(connection, user, self._message, self._job.id)
        await self._uses.notices.tell(
            connection,
            user,
            ReadyAnswer(self._message, turn.conversation, self._text),
            language=detect_language(self._request.message, language),
            looking=wanted.looking,
        )
