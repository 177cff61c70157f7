"""What happens to memories without anybody asking.

Uses are written, importance fades, missing vectors are made, and what was said in chat is learned.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.logs import log_unexpected
from pisovereign.memory.decay import Decay
from pisovereign.memory.learning import Learner
from pisovereign.memory.recall import Recall
from pisovereign.memory.reembed import Reembedder
from pisovereign.memory.usage import UsageCounter

_log = logging.getLogger(__name__)
_DAY_S = 86_400.0
_LOOK_S = 30.0  # how often missing vectors are looked for
_RETRY_S = 1.0  # the first pause when that failed; it doubles each time


class Upkeep:
    """The background work of one API process.

    Args:
        uses: Counts to be written now and then, and at the end.
        decay: What fades importance.
        reembedder: What makes missing vectors.
        recall: Searches that outlive the message they were for.
        learner: What learns from chat.
        users: Whose memories are looked after.
        flush_s: Seconds between two writes of the counts.
    """

    def __init__(
        self,
        *,
        uses: UsageCounter,
        decay: Decay,
        reembedder: Reembedder,
        recall: Recall,
        learner: Learner,
        users: Sequence[UUID],
        flush_s: float,
    ) -> None:
        self._uses = uses
        self._decay = decay
        self._reembedder = reembedder
        self._recall = recall
        self._learner = learner
        self._users = users
        self._flush_s = flush_s
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, on the running loop."""
        self._learner.start()
        for work in (self._write_uses(), self._make_vectors(), self._fade_daily()):
            task = asyncio.create_task(work)
            task.add_done_callback(_tell)
            self._tasks.append(task)

    async def stop(self) -> None:
        """End all work, and write the counts that are left."""
        await self._recall.stop()
        await self._learner.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await _attempt(self._uses.flush(), "counts of uses are lost")

    async def _write_uses(self) -> None:
        while True:
            await self._uses.wait(self._flush_s)
            if not await _attempt(self._uses.flush(), "counts of uses wait for the database"):
                await asyncio.sleep(self._flush_s)

    async def _make_vectors(self) -> None:
        pause = _RETRY_S
        while True:
            succeeded = [
                await _attempt(self._reembedder.run(user), "memories wait for the embedding model")
                for user in self._users
            ]
            if all(succeeded):
                pause = _RETRY_S
                await asyncio.sleep(_LOOK_S)
            else:  # after a start the engine is still loading its model
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LOOK_S)

    async def _fade_daily(self) -> None:
        while True:
            started = time.monotonic()
            for user in self._users:  # each process does it: the second one finds nothing to change
                await _attempt(self._decay.run(user), "memories could not be faded")
            await asyncio.sleep(_DAY_S - (time.monotonic() - started))


async def _attempt(work: Coroutine[Any, Any, Any], failure: str) -> bool:
    """Do some work; what it needs may be away, and is there again another time."""
    try:
        await work
    except PiSovereignError as error:
        _log.warning("%s: %s", failure, error.message)
        return False
    except Exception as error:  # noqa: BLE001 - the edge: it must not be the last attempt
        log_unexpected(error)
        return False
    return True


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log_unexpected(error)
