"""Answers messages, each once, whatever ends in between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

from pisovereign.connectors.splitting import split
from pisovereign.connectors.whatsapp.graph import GraphClient
from pisovereign.errors import PiSovereignError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, Outcome, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.logs import log_unexpected
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import NewMessage
from pisovereign.storage.pool import Connection, Database
from pisovereign.webhooks.whatsapp.inbox import Inbox, ReceivedMessage, read_message

_log = logging.getLogger(__name__)
# After a process ended, another one goes on within the lease.
_TIMING = Timing(lease_s=20.0, renew_s=5.0)
_LEAST_S, _MOST_S = 2.0, 60.0  # pauses while what answers is away
_MOST_COURTESIES = 32
MOST_ATTEMPTS = 30


class Answers(Protocol):
    """What finds the answer to a message."""

    async def answer(self, user: UUID, message: ReceivedMessage) -> str:
        """Return the answer; empty: none is given. Asked again after an interruption, it goes on.

        Raises:
            PiSovereignError: it cannot be found now.
        """
        ...

    def excuse(self, user: UUID, message: ReceivedMessage) -> str:
        """Return what to say when no answer was found in the end."""
        ...


class Answerer:
    """Does the jobs of the inbox: for each user on its own, and in their order.

    A message is settled and its answer is put into the outbox in one transaction, by whoever was
    the last to claim it.
    """

    def __init__(
        self,
        *,
        answers: Answers,
        client: GraphClient,
        database: Database,
        inbox: Inbox,
        notifications: NotificationService,
        users: Sequence[UUID],
    ) -> None:
        self._answers = answers
        self._client = client
        self._notifications = notifications
        self._courtesies: set[asyncio.Task[None]] = set()
        self._worker = Worker(
            inbox.queue, database, self, users, timing=_TIMING, failure="WhatsApp messages wait"
        )
        self.start = self._worker.start
        self.wake = self._worker.wake

    async def stop(self) -> None:
        """End; a message whose answer is not there in a moment is answered after the next start."""
        await self._worker.stop()
        for task in self._courtesies:
            task.cancel()

    async def run(self, job: ClaimedJob) -> Outcome:
        """Answer a message."""
        message = read_message(job)
        if not message.answerable:
            _log.warning("a WhatsApp message is older than a day and is not answered")
            return Settled("failed", "It is older than a day")
        self._show_as_read(message)
        try:
            text = await self._answers.answer(job.user, message)
        except PiSovereignError as error:
            _log.warning("a WhatsApp message waits for its answer: %s", error.message)
            return self._put_off(job, message)
        except Exception as error:  # noqa: BLE001 - the edge: it must not be tried for ever
            log_unexpected(error)
            return self._put_off(job, message)
        return Settled(also=partial(self._send, job.user, message, text))

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Do nothing: a message does not expire, and is taken over from who vanished."""

    def _put_off(self, job: ClaimedJob, message: ReceivedMessage) -> Outcome:
        if job.attempt < MOST_ATTEMPTS:
            return Retry(min(_LEAST_S * 2 ** (job.attempt - 1), _MOST_S))
        excuse = self._answers.excuse(job.user, message)
        return Settled(
            "failed", "No answer was found", partial(self._send, job.user, message, excuse)
        )

    async def _send(
        self, user: UUID, message: ReceivedMessage, text: str, connection: Connection
    ) -> None:
        for number, part in enumerate(split(text)):
            answer = NewMessage(
                channel="whatsapp",
                about="answer",
                subject=message.id,
                number=number,
                text=part,
                to=message.phone,
            )
            await self._notifications.send(connection, user, answer)

    def _show_as_read(self, message: ReceivedMessage) -> None:
        """Show the sender that the message was read: a courtesy, which no answer waits for."""

        async def show() -> None:
            try:
                await self._client.mark_read(message.meta_id)
            except PiSovereignError as error:
                _log.info("a WhatsApp message could not be shown as read: %s", error.message)

        if message.attempt == 1 and len(self._courtesies) < _MOST_COURTESIES:
            task = asyncio.create_task(show())
            self._courtesies.add(task)
            task.add_done_callback(self._courtesies.discard)
