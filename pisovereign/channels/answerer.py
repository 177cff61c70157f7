"""Answers messages, each once, whatever ends in between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.channels.chat_answers import Answer
from pisovereign.channels.directory import Directory
from pisovereign.channels.inbox import Inbox, ReceivedMessage, read_message
from pisovereign.connectors.messaging import Messenger
from pisovereign.connectors.splitting import split
from pisovereign.errors import PiSovereignError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, JobOutcome, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.logs import log_unexpected
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import NewMessage
from pisovereign.storage.pool import Connection, Database

_log = logging.getLogger(__name__)
# After a process ended, another one goes on within the lease.
_TIMING = Timing(lease_s=20.0, renew_s=5.0)
_LEAST_S, _MOST_S = 2.0, 60.0  # pauses while what answers is away
_MOST_COURTESIES = 32
MOST_ATTEMPTS = 30


class Answers(Protocol):
    """A source of answers to messages."""

    async def answer(self, user: UUID, message: ReceivedMessage) -> Answer:
        """Return the answer; empty: none is given. Asked again after an interruption, it goes on.

        Raises:
            PiSovereignError: It cannot be found now.
        """
        ...

    async def excuse(self, user: UUID, message: ReceivedMessage) -> str:
        """Return what to say when no answer was found in the end."""
        ...


class AnswererDependencies(NamedTuple):
    """The dependencies of an `Answerer`."""

    answers: Answers
    messenger: Messenger
    directory: Directory
    database: Database
    notifications: NotificationService


class Answerer:
    """Does the jobs of an inbox: for each user on its own, and in their order.

    A message is settled and its answer is put into the outbox in one transaction, by whoever was
    the last to claim it.
    """

    def __init__(self, uses: AnswererDependencies, inbox: Inbox, users: Sequence[UUID]) -> None:
        self._uses = uses
        self._title = uses.messenger.title
        self._courtesies: set[asyncio.Task[None]] = set()
        self._worker = Worker(
            inbox.messages,
            uses.database,
            self,
            users,
            timing=_TIMING,
            failure=f"{self._title} messages wait",
        )
        self.start = self._worker.start
        self.wake = self._worker.wake

    async def stop(self) -> None:
        """End; a message whose answer is not there in a moment is answered after the next start."""
        await self._worker.stop()
        courtesies = tuple(self._courtesies)
        for task in courtesies:
            task.cancel()
        await asyncio.gather(*courtesies, return_exceptions=True)

    async def run(self, job: ClaimedJob) -> JobOutcome:
        """Answer a message."""
        message = read_message(job)
        window_s = self._uses.messenger.traits.window_s
        if window_s is not None and message.age_s >= window_s:
            _log.warning("a message on %s is too old to be answered", self._title)
            return Settled("failed", "It is too old to be answered")
        if not await self._uses.directory.scopes(job.user, message.address):
            return Settled("failed", "Its sender may not write any more")
        if message.attempt == 1:
            self._be_polite(partial(self._uses.messenger.show_read, message.name))
        typing = asyncio.create_task(self._show_typing(message.address))
        try:
            answer = await self._uses.answers.answer(job.user, message)
        except PiSovereignError as error:
            _log.warning("a message on %s waits for its answer: %s", self._title, error.message)
            return await self._put_off(job, message)
        except Exception as error:  # noqa: BLE001 - the edge: it must not be tried for ever
            log_unexpected(error)
            return await self._put_off(job, message)
        finally:
            typing.cancel()
            await asyncio.wait((typing,))
        return Settled(also=partial(self._send, job.user, message, answer))

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing: a message does not expire, and is taken over from who vanished."""

    async def _put_off(self, job: ClaimedJob, message: ReceivedMessage) -> JobOutcome:
        if job.attempt < MOST_ATTEMPTS:
            return Retry(min(_LEAST_S * 2 ** (job.attempt - 1), _MOST_S))
        excuse = Answer(await self._uses.answers.excuse(job.user, message))
        return Settled(
            "failed", "No answer was found", partial(self._send, job.user, message, excuse)
        )

    async def _send(
        self, user: UUID, message: ReceivedMessage, answer: Answer, connection: Connection
    ) -> None:
        name = self._uses.messenger.name
        for number, part in enumerate(split(answer.text)):
            said = NewMessage(
                channel=name,
                about="answer",
                subject=message.id,
                number=number,
                text=part,
                to=message.address,
            )
            await self._uses.notifications.send(connection, user, said)
        for approval in answer.approvals:
            # Under the id that a notification about it has: it is shown once.
            asked = NewMessage(
                channel=name,
                about="approval",
                subject=approval,
                number=0,
                text="",
                to=message.address,
            )
            await self._uses.notifications.send(connection, user, asked)

    def _be_polite(self, courtesy: Callable[[], Awaitable[None]]) -> None:
        """Show somebody something that no answer waits for."""

        async def show() -> None:
            try:
                await courtesy()
            except PiSovereignError as error:
                _log.info("a courtesy on %s was not shown: %s", self._title, error.message)

        if len(self._courtesies) >= _MOST_COURTESIES:
            return
        task = asyncio.create_task(show())
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    async def _show_typing(self, address: str) -> None:
        messenger = self._uses.messenger
        while (again_s := messenger.traits.typing_s) is not None:
            with suppress(PiSovereignError):
                await messenger.show_typing(address)
            await asyncio.sleep(again_s)
