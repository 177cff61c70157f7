"""The work at one part of a task.

A part that only reads may be done again after an interruption. What changes something is asked for,
under an id that does not change, and carried out by the approval, once at most.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import msgspec

from pisovereign.actions.service import ActionService
from pisovereign.agents.answering import Answerer, Finding, Question
from pisovereign.agents.decisions import outcome_of
from pisovereign.agents.messages import say, say_why
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.tools import Tools, reads_only
from pisovereign.agents.transitions import Transitions
from pisovereign.agents.types import ANSWER, Part, PartOutcome, part_name
from pisovereign.approvals.service import ApprovalService
from pisovereign.errors import Conflict, PiSovereignError, ValidationFailed
from pisovereign.storage.pool import retry_unavailable

_NEWEST = 15


class PartTimes:
    """Seconds of the newest sub-tasks of each tool, in this process."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_NEWEST))

    def expected_s(self, tool: str) -> float | None:
        """Return how long one with this tool is expected to take; None: there was none yet."""
        seconds = self._seconds.get(tool)
        return round(statistics.median(seconds), 2) if seconds else None

    @contextmanager
    def measure(self, tool: str) -> Iterator[None]:
        """Take how long one takes; one that ends with an error says nothing."""
        began = time.perf_counter()
        yield
        self._seconds[tool].append(time.perf_counter() - began)


class PartWorker:
    """Carries parts out.

    Args:
        transitions: Writes each step down.
        tools: What reads.
        answerer: The model, for what no tool does.
        approvals: Where decisions are looked up.
        commands: Checks arguments, and carries out what changes something.
    """

    def __init__(
        self,
        *,
        transitions: Transitions,
        tools: Tools,
        answerer: Answerer,
        approvals: ApprovalService,
        commands: ActionService,
    ) -> None:
        self._transitions = transitions
        self._tools = tools
        self._answerer = answerer
        self._approvals = approvals
        self._commands = commands
        self._times = PartTimes()

    async def work(self, running: RunningTask, part: Part, parts: dict[int, Part]) -> None:
        """Do a part, as far as it can be done now; that it fails is written down, not raised.

        Raises:
            Superseded: the task is over, or somebody else's.
            ServiceUnavailable: the database is away.
        """
        if part.status == "pending":
            async with running.turn:  # in the order of the plan
                expected_s = self._times.expected_s(part.draft.tool)
                await self._transitions.started(running.job, part, expected_s)
        if part.status == "awaiting_approval":
            assert part.approval_id is not None
            approval = await self._approvals.get(running.job.user, part.approval_id)
            outcome = outcome_of(approval, self._commands, running.job.user, running.language)
        elif part.draft.refusal is not None:
            outcome = PartOutcome(reason=say(part.draft.refusal, running.language))
        elif reads_only(part.draft.tool):
            outcome = await self._read(running, part, parts)
        else:
            outcome = await self._change(running, part, parts)
        if outcome is not None:
            await retry_unavailable(partial(self._transitions.ended, running.job, part, outcome))

    async def _read(self, running: RunningTask, part: Part, parts: dict[int, Part]) -> PartOutcome:
        tool = part.draft.tool
        try:
            with self._times.measure(tool):
                if tool == ANSWER:
                    question = Question(part.draft.description, _known(part, parts))
                    text = await self._answerer.answer(running.caller, question, running.budget)
                else:
                    text = await self._tools.read(running.caller, tool, part.draft.arguments)
        except PiSovereignError as error:
            return PartOutcome(reason=say_why(error, running.language))
        return PartOutcome(result=text)

    async def _change(
        self, running: RunningTask, part: Part, parts: dict[int, Part]
    ) -> PartOutcome | None:
        missed = [n for n in part.draft.depends_on if parts[n].status != "completed"]
        if missed:
            return PartOutcome(reason=say("needs", running.language, part_name(missed[0])))
        try:
            command = self._commands.command(part.draft.tool, part.draft.arguments)
        except ValidationFailed as error:
            return PartOutcome(reason=error.reasons)
        try:
            asking = await self._commands.prepare(running.caller, command)
        except PiSovereignError as error:
            return PartOutcome(reason=self._commands.explain(command, error, running.language))
        if asking is None:
            return await self._run(running, part, command)
        try:
            await self._transitions.asks(running.job, running.caller.identity, part, asking)
        except Conflict:  # a task that tried until there is room would keep others from their turn
            return PartOutcome(reason=say("crowded", running.language))
        return None

    async def _run(self, running: RunningTask, part: Part, command: msgspec.Struct) -> PartOutcome:
        """Run a system command that needs no approval; after an interruption it is not repeated."""
        if part.status == "running":
            return PartOutcome(reason=say("uncertain", running.language))
        # It may have been cancelled a moment ago.
        await retry_unavailable(partial(self._transitions.check, running.job))
        try:
            done = await self._commands.run(running.caller, command)
        except PiSovereignError as error:
            return PartOutcome(reason=self._commands.explain(command, error, running.language))
        return PartOutcome.of_command(done.status, done.text)


def _known(part: Part, parts: dict[int, Part]) -> list[Finding]:
    """Return what the parts that come before this one found."""
    before = (parts[number] for number in part.draft.depends_on)
    return [Finding(p.draft.description, p.result) for p in before if p.result is not None]
