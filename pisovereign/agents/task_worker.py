"""The work at one task: plan, carry out, tell what came of it.

Everything that is known lies in the database, so whoever takes a task over goes on by the same
rules: it looks at what the parts are, and does what is next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import nullcontext
from typing import Literal, NamedTuple

from pisovereign.actions.types import AGENT_PLAN
from pisovereign.agents.messages import say, summary
from pisovereign.agents.part_worker import PartWorker
from pisovereign.agents.planning.service import PlanningService
from pisovereign.agents.reporting import Reporter
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.transitions import Ending, Transitions, plan_approval, plan_data
from pisovereign.agents.types import FINAL, Part, TaskOutcome, TaskStatus
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import NewApproval
from pisovereign.errors import Conflict, ServiceUnavailable

Left = Literal["over", "parked"]
_LOOK_S = 1.0  # how soon a decision is seen while other parts are worked at


class _Seen(NamedTuple):
    """How the parts of a task are: which can go on, and whether others wait for a decision."""

    parts: dict[int, Part]
    ready: list[Part]
    undecided: bool


class TaskWorker:
    """Brings tasks to their end, or as far as people's decisions let it.

    Args:
        transitions: Writes each step down.
        planning: Makes plans.
        parts: Carries parts out.
        reporter: Tells what came of them.
        approvals: Where decisions are looked up.
        most_parts: The most parts that a task may have.
        parallel: How many parts of a task work at once.
    """

    def __init__(
        self,
        *,
        transitions: Transitions,
        planning: PlanningService,
        parts: PartWorker,
        reporter: Reporter,
        approvals: ApprovalService,
        most_parts: int,
        parallel: int,
    ) -> None:
        self._transitions = transitions
        self._planning = planning
        self._parts = parts
        self._reporter = reporter
        self._approvals = approvals
        self._most_parts = most_parts
        self._parallel = parallel

    async def work(self, running: RunningTask) -> Left:
        """Go on with a task until it is over, or only waits for decisions.

        Raises:
            Superseded: it is over, or somebody else's, by now.
            PiSovereignError: what it needs is away; somebody has to try again later.
        """
        parts = await self._transitions.parts(running.job)
        if not parts:
            if not await self._plan(running):
                return "over"
            parts = await self._transitions.parts(running.job)
        if running.request.require_approval and all(part.status == "pending" for part in parts):
            agreed = await self._agreed(running, parts)
            if agreed != "yes":
                return "over" if agreed == "no" else "parked"
        await self._status(running, "running")
        return await self._carry_out(running)

    async def end(
        self,
        running: RunningTask,
        status: TaskStatus,
        reason: str | None = None,
        *,
        result: str | None = None,
    ) -> None:
        """Bring a task to its end, with the reason for one that is not good."""
        outcome = TaskOutcome(plan_summary=running.plan_summary, result=result, reason=reason)
        ending = Ending(status, outcome, running.language)
        await self._transitions.finished(running.job, running.caller.identity, ending)

    async def _plan(self, running: RunningTask) -> bool:
        """Make a plan; False: the task ended with that."""
        drafts = await self._planning.plan(running)
        if len(drafts) > self._most_parts:
            reason = say("too_many", running.language, len(drafts), self._most_parts)
            await self.end(running, "failed", reason)
            return False
        running.plan_summary = summary(drafts, running.language)
        await self._transitions.planned(running.job, running.plan_summary, drafts)
        return True

    async def _agreed(
        self, running: RunningTask, parts: list[Part]
    ) -> Literal["yes", "no", "not yet"]:
        """Return whether a person agreed to the plan; the task ends when they did not."""
        approval = plan_approval(running.id)
        if running.status == "planning":
            title = say("plan", running.language, running.plan_summary)
            details = plan_data(running.id, [part.draft for part in parts])
            asking = NewApproval(AGENT_PLAN, title, details)
            try:
                await self._transitions.asks_for_plan(running.job, running.caller.identity, asking)
            except Conflict:
                await self.end(running, "failed", say("crowded", running.language))
                return "no"
            running.status = "awaiting_approval"
        decided = await self._approvals.get(running.job.user, approval)
        match decided.status:
            case "executed" | "failed":  # carrying a plan out does nothing that could be missing
                return "yes"
            case "pending" | "approved":
                return "not yet"
            case "denied" | "cancelled":
                await self.end(running, "cancelled", say("plan_denied", running.language))
            case _:
                await self.end(running, "failed", say("plan_expired", running.language))
        return "no"

    async def _carry_out(self, running: RunningTask) -> Left:
        """Do what can be done, each part as soon as it can, until nothing is left or all waits."""
        places = asyncio.Semaphore(self._parallel)
        working: dict[int, asyncio.Task[None]] = {}
        try:
            while True:
                try:
                    seen = await self._look(running)
                except ServiceUnavailable:
                    if not working:
                        raise
                    await _some_done(working, _LOOK_S)  # what works does not need it meanwhile
                    continue
                for part in seen.ready:
                    if part.number not in working:
                        work = self._one(running, part, seen.parts, places)
                        working[part.number] = asyncio.create_task(work)
                if not working:
                    break
                await _some_done(working, _LOOK_S if seen.undecided else None)
        finally:
            await _stopped(working.values())
        if any(part.status not in FINAL for part in seen.parts.values()):
            await self._status(running, "awaiting_approval")
            return "parked"
        await self._finish(running, list(seen.parts.values()))
        return "over"

    async def _look(self, running: RunningTask) -> _Seen:
        parts = {part.number: part for part in await self._transitions.parts(running.job)}
        waiting = [part for part in parts.values() if part.status == "awaiting_approval"]
        asked = [part.approval_id for part in waiting if part.approval_id]
        undecided = await self._approvals.undecided(running.job.user, asked)
        ready = [part for part in parts.values() if _is_ready(part, parts)]
        ready += [part for part in waiting if part.approval_id not in undecided]
        return _Seen(parts, ready, bool(undecided))

    async def _one(
        self, running: RunningTask, part: Part, parts: dict[int, Part], places: asyncio.Semaphore
    ) -> None:
        decided = part.status == "awaiting_approval"  # it is only written down what came of it
        async with nullcontext() if decided else places:
            await self._parts.work(running, part, parts)

    async def _finish(self, running: RunningTask, parts: list[Part]) -> None:
        done = [part for part in parts if part.status == "completed"]
        if not done:
            reasons = "; ".join(dict.fromkeys(part.reason or "" for part in parts))
            reason = f"{say('none', running.language)}: {reasons}"
            await self.end(running, "failed", reason)
            return
        await self.end(running, "completed", result=await self._reporter.report(running, parts))

    async def _status(self, running: RunningTask, status: TaskStatus) -> None:
        if running.status != status:
            await self._transitions.goes_on(running.job, status)
            running.status = status


def _is_ready(part: Part, parts: dict[int, Part]) -> bool:
    """Return whether a part can be begun, or begun again, now."""
    if part.status not in ("pending", "running"):
        return False
    return all(parts[number].status in FINAL for number in part.draft.depends_on)


async def _some_done(working: dict[int, asyncio.Task[None]], limit_s: float | None) -> None:
    """Wait until some are done, and take them out; raises what one of them raised.

    One that could not be written down is only taken out while others work: it is begun again.
    """
    done, _ = await asyncio.wait(
        working.values(), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
    )
    for number in [number for number, task in working.items() if task in done]:
        try:
            working.pop(number).result()
        except ServiceUnavailable:
            if not working:
                raise
            await asyncio.sleep(_LOOK_S)


async def _stopped(tasks: Collection[asyncio.Task[None]]) -> None:
    """Stop what is still worked at; what else went wrong is of no interest any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
