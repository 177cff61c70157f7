"""Plans by a model under a schema, all requests at once.

Only the user's own words are in the prompt, so that a plan is borne out by nothing else. A tool
that changes something is, as everywhere, only asked for.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from pisovereign.actions.registry import COMMANDS
from pisovereign.actions.service import ActionService
from pisovereign.agents.planning.proposals import (
    MOST_FOR_ONE,
    MOST_TOKENS,
    Proposal,
    Requests,
    invented_argument,
)
from pisovereign.agents.quota import EngineQuota
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.schemas import MEMORY_ARGUMENTS, arguments_schema, closed_object
from pisovereign.agents.tools import HELP
from pisovereign.agents.types import ANSWER, MEMORY
from pisovereign.engine_client.types import Message
from pisovereign.errors import ValidationFailed
from pisovereign.tool_use.grounding import has_words

# Rules understand who asks for help, and small models choose it for everything. A system command is
# found by its name, as nobody says its id.
_OFFERED = [spec for spec in COMMANDS if spec.name not in (HELP, "run")]
_TOOLS = "\n".join([
    *(f"{spec.name}: {spec.words('en').description}" for spec in _OFFERED),
    f"{MEMORY}: Look into what the user asked to remember",
    f"{ANSWER}: Answer in words",
])  # fmt: skip
_TASK = (
    "Plan sub-tasks for the numbered requests of a user. For each sub-task give the number of its "
    "request, a short description, the tool, and the tool's arguments; depends_on holds the places "
    "of earlier sub-tasks whose results it needs. Repeat titles, places and names exactly as the "
    f"user wrote them. If no tool fits, the tool is answer.\n{_TOOLS}"
)
_REPAIR = "That plan cannot be carried out: {}. Give the whole plan once more, corrected."


class _Plan(msgspec.Struct, frozen=True):
    sub_tasks: list[Proposal]


class SchemaPlanner:
    """Has the model fill in a plan.

    Args:
        quota: The model.
        commands: Checks arguments.
    """

    def __init__(self, quota: EngineQuota, commands: ActionService) -> None:
        self._quota = quota
        self._commands = commands

    async def plan(self, requests: Requests, running: RunningTask) -> list[Proposal]:
        """Return proposals; a plan that breaks a rule is given back once, then there are none."""
        numbered = "\n".join(f"{i}. {text}" for i, text in enumerate(requests.texts, 1))
        messages = [Message("system", _TASK), Message("user", f"{requests.now}\n{numbered}")]
        for _ in range(2):
            answer = await self._quota.ask(
                messages,
                plan_schema(len(requests.texts)),
                budget=running.budget,
                most_tokens=MOST_TOKENS,
                user=running.caller.identity.user_id,
            )
            try:
                plan = msgspec.convert(answer, _Plan).sub_tasks
                fault = self._fault(plan, requests)
            except msgspec.ValidationError as error:
                fault = str(error)
            if fault is None:
                return plan
            sent = msgspec.json.encode(answer).decode()
            messages += [Message("assistant", sent), Message("user", _REPAIR.format(fault))]
        return []

    def _fault(self, plan: list[Proposal], requests: Requests) -> str | None:
        """Return what is wrong with a plan."""
        for place, proposal in enumerate(plan, 1):
            if not 1 <= proposal.request <= len(requests.texts):
                return f"sub-task {place} is for no request"
            if sum(other.request == proposal.request for other in plan) > MOST_FOR_ONE:
                return f"request {proposal.request} has too many sub-tasks"
            if any(not 1 <= before < place for before in proposal.depends_on):
                return f"sub-task {place} depends on one that does not come before it"
            said = requests.texts[proposal.request - 1]
            fault = self._unfounded(proposal, said, timed=requests.has_time(said))
            if fault is not None:
                return f"sub-task {place}: {fault}"
        return None

    def _unfounded(self, proposal: Proposal, said: str, *, timed: bool) -> str | None:
        """Return what is wrong with one sub-task, if the user's words do not bear it out."""
        if proposal.tool == ANSWER:
            return None
        if proposal.tool == MEMORY:
            query = proposal.arguments.get("query")
            return None if isinstance(query, str) and query.strip() else "a query is required"
        try:
            command = self._commands.command(proposal.tool, proposal.arguments)
        except ValidationFailed as error:
            return error.reasons
        return invented_argument(
            msgspec.to_builtins(command), partial(has_words, said.casefold()), timed=timed
        )


def plan_schema(requests: int) -> dict[str, Any]:
    """Return the schema of a plan for so many requests."""
    arguments = {spec.name: arguments_schema(spec) for spec in _OFFERED}
    arguments |= {MEMORY: MEMORY_ARGUMENTS, ANSWER: closed_object()}
    return closed_object(
        sub_tasks={
            "type": "array",
            "items": {"anyOf": [_sub_task(tool, arguments[tool], requests) for tool in arguments]},
            "minItems": 1,
            "maxItems": min(requests * MOST_FOR_ONE, 8),
        }
    )


def _sub_task(tool: str, arguments: dict[str, Any], requests: int) -> dict[str, Any]:
    return closed_object(
        request={"enum": list(range(1, requests + 1))},
        description={"type": "string", "minLength": 1, "maxLength": 60},
        tool={"const": tool},
        arguments=arguments,
        depends_on={"type": "array", "items": {"enum": list(range(1, 9))}, "maxItems": 4},
    )
