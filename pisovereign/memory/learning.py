"""Learning from what users say in chat, beside the conversation and never in its way.

An exchange is offered once its answer is stored, and nobody waits for what is made of it. Nothing
is promised: what waits is in the memory of this process, up to a number. A process that is stopped
takes a few seconds for what waits; one that is killed loses it. The conversation itself is stored
before, either way.
"""

from __future__ import annotations

import asyncio
import logging
from typing import NamedTuple
from uuid import UUID

import psycopg

from pisovereign.errors import ContextExceeded, PiSovereignError
from pisovereign.logs import log_unexpected
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.sentence_selection import SentenceSelector
from pisovereign.memory.statements import Statement, statements
from pisovereign.memory.types import NewMemory

LEARNED_TAG = "learned"
LEAST_CHARACTERS = 20
"""Shorter messages and answers are taken for small talk."""
MOST_WAITING = 100
_STOP_LIMIT_S = 5.0
_IMPORTANCE, _IMPORTANCE_ASKED = 0.5, 0.8
_log = logging.getLogger(__name__)


class _Exchange(NamedTuple):
    number: int
    user: UUID
    message: str


class Learner:
    """Makes memories of the users' own statements, one exchange after the other.

    Args:
        editor: Stores them, and merges what is known already.
        selection: Lets the model choose further sentences; None: rules alone decide.
    """

    def __init__(self, editor: MemoryEditor, selection: SentenceSelector | None) -> None:
        self._editor = editor
        self._selection = selection
        self._waiting: asyncio.Queue[_Exchange] = asyncio.Queue(MOST_WAITING)
        self._offered = 0
        self._forgotten: dict[UUID, int] = {}
        self._task: asyncio.Task[None] | None = None

    def offer(self, user: UUID, message: str, answer: str) -> None:
        """Learn later from what the user said, unless it or the answer is too short.

        Args:
            user: Who said it, and whose memory it becomes.
            message: The user's words alone, without what the model was told beside them.
            answer: What the model answered; nothing is learned from it.
        """
        if min(len(message.strip()), len(answer.strip())) < LEAST_CHARACTERS:
            return
        self._offered += 1
        try:
            self._waiting.put_nowait(_Exchange(self._offered, user, message))
        except asyncio.QueueFull:
            _log.warning("nothing is learned from an exchange: %d wait already", MOST_WAITING)

    def forget(self, user: UUID) -> None:
        """Learn nothing from what the user has said up to now."""
        self._forgotten[user] = self._offered

    def start(self) -> None:
        """Begin, on the running loop."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Learn from what waits, for a few seconds, and end."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(_STOP_LIMIT_S):
                await self._waiting.join()
        except TimeoutError:
            _log.warning("nothing is learned from %d exchanges: stopped", self._waiting.qsize())
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            exchange = await self._waiting.get()
            try:
                await self._learn(exchange)
            except (PiSovereignError, psycopg.Error) as error:
                _log.warning("nothing is learned from an exchange: %s", type(error).__name__)
            except Exception as error:  # noqa: BLE001 - one exchange must not end all learning
                log_unexpected(error)
            finally:
                self._waiting.task_done()

    async def _learn(self, exchange: _Exchange) -> None:
        found = statements(exchange.message)
        await self._keep(exchange, found)
        known = {statement.content for statement in found}
        chosen = await self._choose(exchange)
        await self._keep(exchange, [one for one in chosen if one.content not in known])

    async def _choose(self, exchange: _Exchange) -> list[Statement]:
        if self._selection is None:
            return []
        try:
            return await self._selection.choose(exchange.user, exchange.message)
        except ContextExceeded:
            return []  # a very small context

    async def _keep(self, exchange: _Exchange, found: list[Statement]) -> None:
        for statement in found:
            if exchange.number <= self._forgotten.get(exchange.user, 0):
                return
            new = NewMemory(
                content=statement.content,
                summary=statement.summary,
                memory_type=statement.kind,
                importance=_IMPORTANCE_ASKED if statement.requested else _IMPORTANCE,
                tags=[LEARNED_TAG],
            )
            await self._editor.add(exchange.user, new)
