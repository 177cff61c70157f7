"""Upkeep of memories without anybody asking.

Uses are written, importance fades, missing vectors are made, and what was said in chat is learned.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.jobs.periodic import PeriodicTask, for_each_user
from pisovereign.memory.decay import Decay
from pisovereign.memory.learning import Learner
from pisovereign.memory.recall import Recall
from pisovereign.memory.reembed import Reembedder
from pisovereign.memory.usage import UsageCounter

_log = logging.getLogger(__name__)
_DAY_S = 86_400.0
_LOOK_S = 30.0  # how often missing vectors are looked for


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
        self._periodic = [
            PeriodicTask(
                self._write_uses,
                "counts of uses wait for the database",
                longest_s=flush_s,
                ending_s=0.0,
            ),
            # After a start the engine is still loading its model.
            PeriodicTask(
                self._make_vectors,
                "memories wait for the embedding model",
                longest_s=_LOOK_S,
                ending_s=0.0,
            ),
            PeriodicTask(self._fade, "memories could not be faded", ending_s=0.0),
        ]

    def start(self) -> None:
        """Begin, on the running loop."""
        self._learner.start()
        for task in self._periodic:
            task.start()

    async def stop(self) -> None:
        """End all work, and write the counts that are left."""
        await self._recall.stop()
        await self._learner.stop()
        for task in self._periodic:
            await task.stop()
        try:
            await self._uses.flush()
        except PiSovereignError as error:
            _log.warning("counts of uses are lost: %s", error.message)

    async def _write_uses(self) -> float:
        await self._uses.wait(self._flush_s)
        await self._uses.flush()
        return 0.0

    async def _make_vectors(self) -> float:
        await for_each_user(self._users, self._reembedder.run)
        return _LOOK_S

    async def _fade(self) -> float:
        # Each process does it: the second one finds nothing to change.
        await for_each_user(self._users, self._decay.run)
        return _DAY_S
