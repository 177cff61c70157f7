"""A turn that is prepared, and asked for, while it is found out what its message is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from pisovereign.chat.model_requests import PendingTurn


class EarlyTurn:
    """A turn whose message is not stored yet, and may turn out to be for no model.

    Args:
        preparing: Prepares it.
    """

    def __init__(self, preparing: Coroutine[Any, Any, PendingTurn]) -> None:
        self._task = asyncio.create_task(preparing)
        self._kept = False

    async def prepared(self) -> None:
        """Wait until it is prepared, and asked for, or something went wrong with that."""
        await asyncio.wait((self._task,))

    async def get(self) -> PendingTurn:
        """Return the turn once it is prepared, or raise what went wrong."""
        return await self._task

    def keep(self) -> None:
        """Let `leave` leave it alone: its message is stored, and somebody will take the answer."""
        self._kept = True

    async def leave(self) -> None:
        """End what was begun for it, unless it is kept."""
        if self._kept:
            return
        self._task.cancel()
        await asyncio.wait((self._task,))
        if self._task.cancelled() or self._task.exception() is not None:
            return  # what went wrong has been told, or is of no interest any more
        early = self._task.result().early
        if early is not None:
            await early.leave()
