"""Answers messages, each once, whatever ends in between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import NamedTuple
from uuid import UUID

from pisovereign.connectors.splitting import split
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.errors import PiSovereignError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, Outcome, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.logs import log_unexpected
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import NewMessage
from pisovereign.storage.pool import Connection, Database
from pisovereign.telegram.chat_answers import Answer, ChatAnswers
from pisovereign.telegram.inbox import Inbox, ReceivedMessage, read_message

_log = logging.getLogger(__name__)
# After a process ended, another one goes on within the lease.
_TIMING = Timing(lease_s=20.0, renew_s=5.0)
_LEAST_S, _MOST_S = 2.0, 60.0  # pauses while what answers is away
_TYPING_S = 4.5  # Telegram shows it for five seconds
MOST_ATTEMPTS = 30


class Uses(NamedTuple):
    """What messages are answered with; `bot` holds the bot that is connected, if one is."""

    answers: ChatAnswers
    bot: Callable[[], AbstractContextManager[tuple[TelegramClient, int] | None]]
    database: Database
    notifications: NotificationService


class Answerer:
    """Does the jobs of the inbox: for each user on its own, and in their order.

    A message is settled and its answer is put into the outbox in one transaction, by whoever was
    the last to claim it.
    """

    def __init__(self, uses: Uses, inbox: Inbox, users: Sequence[UUID]) -> None:
        self._uses = uses
        self._worker = Worker(
            inbox.messages,
            uses.database,
            self,
            users,
            timing=_TIMING,
            failure="Telegram messages wait",
        )
        self.start = self._worker.start
        self.stop = self._worker.stop
        self.wake = self._worker.wake

    async def run(self, job: ClaimedJob) -> Outcome:
        """Answer a message."""
        message = read_message(job)
        typing = asyncio.create_task(self._show_typing(message.account))
        try:
            answer = await self._uses.answers.answer(job.user, message)
        except PiSovereignError as error:
            _log.warning("a Telegram message waits for its answer: %s", error.message)
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

    async def _put_off(self, job: ClaimedJob, message: ReceivedMessage) -> Outcome:
        if job.attempt < MOST_ATTEMPTS:
            return Retry(min(_LEAST_S * 2 ** (job.attempt - 1), _MOST_S))
        excuse = Answer(await self._uses.answers.excuse(job.user, message))
        return Settled(
            "failed", "No answer was found", partial(self._send, job.user, message, excuse)
        )

    async def _send(
        self, user: UUID, message: ReceivedMessage, answer: Answer, connection: Connection
    ) -> None:
        to = str(message.account)
        for number, part in enumerate(split(answer.text)):
            said = NewMessage(
                channel="telegram",
                about="answer",
                subject=message.id,
                number=number,
                text=part,
                to=to,
            )
            await self._uses.notifications.send(connection, user, said)
        for approval in answer.approvals:
            # Under the id that a notification about it has: it is shown once.
            asked = NewMessage(
                channel="telegram", about="approval", subject=approval, number=0, text="", to=to
            )
            await self._uses.notifications.send(connection, user, asked)

    async def _show_typing(self, account: int) -> None:
        """Show that an answer is being written: a courtesy, which no answer waits for."""
        with self._uses.bot() as found:
            while found is not None:
                with suppress(PiSovereignError):
                    await found[0].show_typing(account)
                await asyncio.sleep(_TYPING_S)
