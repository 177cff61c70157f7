"""Answers messages, each once, whatever ends in between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Protocol
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.integrations.whatsapp.graph import GraphClient
from pisovereign.integrations.whatsapp.split import split
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.logs import log_unexpected
from pisovereign.notifications.store import OutboxStore
from pisovereign.notifications.types import NewMessage
from pisovereign.storage.pool import Database
from pisovereign.webhooks.whatsapp.inbox import Inbox, Taken

_log = logging.getLogger(__name__)
_LEASE_S, _KEEP_S = 20.0, 5.0  # after a process ended, another one goes on within the first
_IDLE_S = 15.0
_LEAST_S, _MOST_S = 2.0, 60.0  # pauses while what answers is away
_MOST_COURTESIES = 32
MOST_ATTEMPTS = 30


class Answers(Protocol):
    """What finds the answer to a message."""

    async def answer(self, user: UUID, message: Taken) -> str:
        """The answer; empty: none is given. Asked again after an interruption, it goes on.

        Raises:
            PiSovereignError: it cannot be found now.
        """
        ...

    def excuse(self, message: Taken) -> str:
        """What to say when no answer was found in the end."""
        ...


class Answerer:
    """The answering of messages, for each user on its own and in their order.

    A message is settled and its answer is put into the outbox in one transaction, by whoever was
    the last to take it: one whose time ran out can no longer do so.
    """

    def __init__(
        self,
        *,
        answers: Answers,
        client: GraphClient,
        database: Database,
        inbox: Inbox,
        outbox: OutboxStore,
        users: Sequence[UUID],
        send: Callable[[UUID], None],
    ) -> None:
        self._answers = answers
        self._client = client
        self._database = database
        self._inbox = inbox
        self._outbox = outbox
        self._send = send
        self._courtesies: set[asyncio.Task[None]] = set()
        self._rounds = {
            user: PeriodicTask(
                partial(self._round, user), "WhatsApp messages wait", longest_s=_IDLE_S
            )
            for user in users
        }

    def start(self) -> None:
        """Begin, on the running loop."""
        for rounds in self._rounds.values():
            rounds.start()

    async def stop(self) -> None:
        """End; a message whose answer is not there in a moment is answered after the next start."""
        await asyncio.gather(*(rounds.stop() for rounds in self._rounds.values()))
        for task in self._courtesies:
            task.cancel()

    def look(self, user: UUID) -> None:
        """Answer now: a message was stored."""
        if rounds := self._rounds.get(user):
            rounds.look()

    async def _round(self, user: UUID) -> float:
        while not self._rounds[user].ending:
            async with self._database.transaction(user) as connection:
                head = await self._inbox.take(connection, user, _LEASE_S)
            if head is None:
                return _IDLE_S
            if head.message is None:
                return min(max(head.wait_s, 0.0), _IDLE_S)
            await self._deal_with(user, head.message)
        return _IDLE_S

    async def _deal_with(self, user: UUID, message: Taken) -> None:
        if not message.answerable:
            _log.warning("a WhatsApp message is older than a day and is not answered")
            await self._settle(user, message, "failed", "")
            return
        self._show_as_read(message)
        async with self._kept(user, message):
            try:
                text = await self._answers.answer(user, message)
            except PiSovereignError as error:
                _log.warning("a WhatsApp message waits for its answer: %s", error.message)
                await self._put_off(user, message)
                return
            except Exception as error:  # noqa: BLE001 - the edge: it must not be tried for ever
                log_unexpected(error)
                await self._put_off(user, message)
                return
        await self._settle(user, message, "answered", text)

    async def _put_off(self, user: UUID, message: Taken) -> None:
        if message.attempt >= MOST_ATTEMPTS:
            await self._settle(user, message, "failed", self._answers.excuse(message))
            return
        pause_s = min(_LEAST_S * 2 ** (message.attempt - 1), _MOST_S)
        async with self._database.transaction(user) as connection:
            await self._inbox.release(connection, user, message, pause_s)

    async def _settle(self, user: UUID, message: Taken, state: str, text: str) -> None:
        async with self._database.transaction(user) as connection:
            if await self._inbox.settle(connection, user, message, state):
                for number, part in enumerate(split(text)):
                    answer = NewMessage(
                        channel="whatsapp",
                        about="answer",
                        subject=message.id,
                        number=number,
                        text=part,
                        to=message.phone,
                    )
                    await self._outbox.add(connection, user, answer)
        self._send(user)

    @asynccontextmanager
    async def _kept(self, user: UUID, message: Taken) -> AsyncIterator[None]:
        """Say again and again, in the block, that the message is being answered."""

        async def keep() -> None:
            while True:
                await asyncio.sleep(_KEEP_S)
                with suppress(PiSovereignError):  # another one may take it over, which is all right
                    async with self._database.transaction(user) as connection:
                        await self._inbox.keep(connection, user, message, _LEASE_S)

        task = asyncio.create_task(keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    def _show_as_read(self, message: Taken) -> None:
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
