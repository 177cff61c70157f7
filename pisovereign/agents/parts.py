"""The work at one part of a task.

A part that only reads may be done again after an interruption. What changes something is asked for,
under an id that does not change, and carried out by the approval, once at most.
"""

from __future__ import annotations

from pisovereign.agents.answering import Answerer, Finding, Question
from pisovereign.agents.effects import Effects
from pisovereign.agents.job import Job
from pisovereign.agents.ledger import Ledger
from pisovereign.agents.tools import Tools
from pisovereign.agents.types import ANSWER, Part, part_name
from pisovereign.agents.wording import say, say_why
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval, NewApproval
from pisovereign.commands.service import CommandService
from pisovereign.commands.types import Command
from pisovereign.commands.wording.speaker import tell_failure
from pisovereign.errors import Conflict, PiSovereignError, ValidationFailed


class PartWorker:
    """Carries parts out.

    Args:
        ledger: Writes each step down.
        tools: What reads.
        effects: What changes something.
        answerer: The model, for what no tool does.
        approvals: Where decisions are looked up.
        commands: Checks arguments.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        tools: Tools,
        effects: Effects,
        answerer: Answerer,
        approvals: ApprovalService,
        commands: CommandService,
    ) -> None:
        self._ledger = ledger
        self._tools = tools
        self._effects = effects
        self._answerer = answerer
        self._approvals = approvals
        self._commands = commands

    async def work(self, job: Job, part: Part, parts: dict[int, Part]) -> None:
        """Do a part, as far as it can be done now; that it fails is written down, not raised.

        Raises:
            Superseded: the task is over, or somebody else's.
            ServiceUnavailable: the database is away.
        """
        if part.status == "awaiting_approval":
            await self._decided(job, part)
            return
        begun = part.status == "running"
        if not begun:
            async with job.turn:  # in the order of the plan
                await self._ledger.started(job.hold, part)
        if part.draft.refusal is not None:
            await self._ledger.failed(job.hold, part, say(part.draft.refusal, job.language))
        elif self._tools.reads_only(part.draft.tool):
            await self._read(job, part, parts)
        else:
            await self._change(job, part, parts, begun=begun)

    async def _read(self, job: Job, part: Part, parts: dict[int, Part]) -> None:
        try:
            if part.draft.tool == ANSWER:
                question = Question(part.draft.description, _known(part, parts))
                text = await self._answerer.answer(job.caller, question, job.budget)
            else:
                text = await self._tools.read(job.caller, part.draft.tool, part.draft.arguments)
        except PiSovereignError as error:
            await self._ledger.failed(job.hold, part, say_why(error, job.language))
            return
        await self._ledger.completed(job.hold, part, text)

    async def _change(self, job: Job, part: Part, parts: dict[int, Part], *, begun: bool) -> None:
        missed = [n for n in part.draft.depends_on if parts[n].status != "completed"]
        if missed:
            reason = say("needs", job.language, part_name(missed[0]))
            await self._ledger.failed(job.hold, part, reason)
            return
        try:
            command = self._commands.command(part.draft.tool, part.draft.arguments)
        except ValidationFailed as error:
            reason = "; ".join(f"{field['field']} {field['error']}" for field in error.fields)
            await self._ledger.failed(job.hold, part, reason)
            return
        try:
            asking = await self._effects.prepare(job.caller, command)
        except PiSovereignError as error:
            await self._ledger.failed(job.hold, part, tell_failure(command, error, job.language))
            return
        if asking is not None:
            await self._ask(job, part, asking)
        elif begun:
            await self._ledger.failed(job.hold, part, say("uncertain", job.language))
        else:
            await self._run(job, part, command)

    async def _ask(self, job: Job, part: Part, asking: NewApproval) -> None:
        try:
            await self._ledger.asks(job.hold, job.caller.identity, part, asking)
        except Conflict:  # a task that tried until there is room would keep others from their turn
            await self._ledger.failed(job.hold, part, say("crowded", job.language))

    async def _run(self, job: Job, part: Part, command: Command) -> None:
        """A system command that needs no approval; after an interruption it is not repeated."""
        try:
            done = await self._commands.run(job.caller, command)
        except PiSovereignError as error:
            await self._ledger.failed(job.hold, part, tell_failure(command, error, job.language))
            return
        await self._ledger.completed(job.hold, part, done.text)

    async def _decided(self, job: Job, part: Part) -> None:
        assert part.approval_id is not None
        approval = await self._approvals.get(job.hold.user, part.approval_id)
        match approval.status:
            case "executed":
                text = "\n".join(
                    line
                    for line in (
                        say("done", job.language, approval.title),
                        self._effects.told(approval, job.language),
                    )
                    if line
                )
                await self._ledger.completed(job.hold, part, text)
            case "pending" | "approved":
                return
            case _:
                await self._ledger.failed(job.hold, part, _why_not(job, approval))


def _known(part: Part, parts: dict[int, Part]) -> list[Finding]:
    """What the parts that come before this one found."""
    before = (parts[number] for number in part.draft.depends_on)
    return [Finding(p.draft.description, p.result) for p in before if p.result is not None]


def _why_not(job: Job, approval: Approval) -> str:
    match approval.status:
        case "denied" if approval.reason:
            return say("denied_why", job.language, approval.reason)
        case "denied":
            return say("denied", job.language)
        case "cancelled":
            return say("withdrawn", job.language)
        case "expired":
            return say("expired", job.language)
        case _:
            return approval.reason or say("error", job.language)
