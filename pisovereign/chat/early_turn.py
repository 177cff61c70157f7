"""A turn that is prepared, and asked for, while it is found out what its message is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from pisovereign.chat.model_requests import PendingTurn

Prepare = Callable[[bool], Awaitable[PendingTurn]]
"""Prepares a turn; True: and asks the model for it."""


class EarlyTurn:
    """A turn whose message is not stored yet, and may turn out to be for no model.

    Args:
        prepare: Prepares it.
        early: Prepare it now, and ask the model.
    """

    def __init__(self, prepare: Prepare, *, early: bool) -> None:
        self._prepare = prepare
        self._task = asyncio.ensure_future(prepare(True)) if early else None
        self._kept = False

    async def asked(self) -> None:
        """Wait until the model is asked, if it is to be early, or something went wrong with that.

        Once the words of a message are read, nothing else runs for a while.
        """
        if self._task is not None:
            await asyncio.wait((self._task,))

    async def get(self) -> PendingTurn:
        """Return the turn once it is prepared, or raise what went wrong."""
        return await (self._prepare(False) if self._task is None else self._task)

    def keep(self) -> None:
        """Let `leave` leave it alone: its message is stored, and somebody will take the answer."""
        self._kept = True

    async def leave(self) -> None:
        """End what was begun for it, unless it is kept."""
        if self._kept or self._task is None:
            return
        self._task.cancel()
        await asyncio.wait((self._task,))
        if self._task.cancelled() or self._task.exception() is not None:
            return  # what went wrong has been told, or is of no interest any more
        early = self._task.result().early
        if early is not None:
            await early.leave()


@asynccontextmanager
async def early_turn(prepare: Prepare, *, early: bool) -> AsyncGenerator[EarlyTurn]:
    """Begin a turn for the body, and leave it afterwards unless it is kept."""
    turn = EarlyTurn(prepare, early=early)
    try:
        await turn.asked()
        yield turn
    finally:
        await turn.leave()
