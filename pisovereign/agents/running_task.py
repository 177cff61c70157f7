"""One task while this process works at it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

from pisovereign.actions.caller import Caller
from pisovereign.agents.quota import Budget
from pisovereign.agents.store import TaskRow
from pisovereign.agents.types import Limits, Request, TaskOutcome
from pisovereign.jobs.claim import ClaimedJob


class RunningTask:
    """The state of a task that all of the work at it needs.

    Whatever rights the key had that asked, the task has those of an ordinary user: what changes
    something waits for an approval.
    """

    def __init__(
        self,
        job: ClaimedJob,
        row: TaskRow,
        request: Request,
        outcome: TaskOutcome,
        limits: Limits,
    ) -> None:
        self.job = job
        self.id: UUID = row.id
        self.status = row.status
        self.request = request
        self.language = request.language
        self.plan_summary = outcome.plan_summary
        self.caller = Caller(row.identity, request.language).asking_only()
        self.limits = limits
        self.budget = Budget(limits.max_tokens - row.tokens)
        self.turn = asyncio.Lock()
        self._noted = time.monotonic(), 0

    def unnoted(self) -> tuple[float, int, Callable[[], None]]:
        """Return seconds of work and tokens since the last time, and what to call once stored."""
        now = time.monotonic(), self.budget.spent

        def note() -> None:
            self._noted = now

        return now[0] - self._noted[0], now[1] - self._noted[1], note
