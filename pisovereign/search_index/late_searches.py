"""Searches that an answer waits for: only so long, and not while too many are late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

from pisovereign.logs import log_unexpected

_log = logging.getLogger(__name__)
_LIMIT_S = 2.0
# While there are this many of them, the database has enough to do.
_MOST_LATE = 4

T = TypeVar("T")


class LateSearches(Generic[T]):
    """Searches of one kind, and those of them that took too long.

    These go on, because an index that they load serves the next message.

    Args:
        wanted: What is searched for, as the log calls it.
    """

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._late: set[asyncio.Task[T]] = set()

    async def wait_for(self, search: Coroutine[Any, Any, T]) -> T | None:
        """Return what a search finds; None: it failed, or it did not end in time."""
        if len(self._late) >= _MOST_LATE:
            search.close()
            _log.warning("an answer goes without %s: earlier searches still run", self._wanted)
            return None
        task = asyncio.create_task(search)
        try:
            await asyncio.wait((task,), timeout=_LIMIT_S)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.done():
            _log.warning("an answer goes without %s: they were not found in time", self._wanted)
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return None
        if error := task.exception():
            log_unexpected(error)
            return None
        return task.result()

    async def stop(self) -> None:
        """End the searches that nobody waits for any more."""
        late = list(self._late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
