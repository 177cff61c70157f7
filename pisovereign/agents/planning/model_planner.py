"""Plans by the model, under a schema, for requests that no rule understands.

Only the user's own words are in the prompt, and a plan is accepted as far as they bear it out:
texts have to be repeated from them, and a time needs one in them. A tool that changes something is,
as everywhere, only asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from pisovereign.actions.registry import COMMANDS
from pisovereign.actions.service import ActionService
from pisovereign.agents.planning.planner import Unplanned
from pisovereign.agents.quota import Budget, EngineQuota
from pisovereign.agents.schemas import MOST_LENGTH, arguments_schema
from pisovereign.agents.tools import HELP
from pisovereign.agents.types import ANSWER, MEMORY, Draft
from pisovereign.engine_client.types import Message
from pisovereign.errors import ValidationFailed
from pisovereign.tool_use.grounding import has_words

MOST_FOR_ONE = 3
_MOST_TOKENS = 400
# Rules understand who asks for help, and small models choose it for everything. A system command is
# found by its name, as nobody says its id.
_OFFERED = [spec for spec in COMMANDS if spec.name not in (HELP, "run")]
_TASK = (
    "Plan sub-tasks for the numbered requests of a user. For each sub-task give the number of its "
    "request, a short description, the tool, and the tool's arguments; depends_on holds the places "
    "of earlier sub-tasks whose results it needs. Repeat titles, places and names exactly as the "
    "user wrote them. If no tool fits, the tool is answer.\n"
)
_REPAIR = "That plan cannot be carried out: {}. Give the whole plan once more, corrected."


class SubTaskProposal(msgspec.Struct, frozen=True):
    """A sub-task as the model gives it."""

    request: int
    description: Annotated[str, Meta(max_length=200)]
    tool: str
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    depends_on: list[int] = msgspec.field(default_factory=list)


class _Plan(msgspec.Struct, frozen=True):
    sub_tasks: list[SubTaskProposal]


class ModelPlanner:
    """Plans with the model.

    Args:
        quota: The model.
        commands: Checks arguments.
    """

    def __init__(self, quota: EngineQuota, commands: ActionService) -> None:
        self._quota = quota
        self._commands = commands

    async def plan(
        self,
        unplanned: Sequence[Unplanned],
        now: str,
        has_time: Callable[[str], bool],
        *,
        budget: Budget,
        cache_key: str,
    ) -> list[SubTaskProposal]:
        """Return sub-tasks for what rules unplanned over; none if the model gives no usable plan.

        Args:
            unplanned: The requests.
            now: The date and time where the user is.
            has_time: Whether a text says when.
            budget: The task's tokens.
            cache_key: What the engine may reuse computed prompts by.

        Raises:
            PiSovereignError: the engine does not answer, or the tokens are used up.
        """
        numbered = "\n".join(f"{i}. {item.text}" for i, item in enumerate(unplanned, 1))
        messages = [Message("system", _TASK + _tools()), Message("user", f"{now}\n{numbered}")]
        for _ in range(2):
            answer = await self._quota.ask(
                messages,
                plan_schema(len(unplanned)),
                budget=budget,
                most_tokens=_MOST_TOKENS,
                cache_key=cache_key,
            )
            plan, fault = self._checked(answer, unplanned, has_time)
            if fault is None:
                return plan
            sent = msgspec.json.encode(answer).decode()
            messages += [Message("assistant", sent), Message("user", _REPAIR.format(fault))]
        return []

    def _checked(
        self, answer: Any, unplanned: Sequence[Unplanned], has_time: Callable[[str], bool]
    ) -> tuple[list[SubTaskProposal], str | None]:
        """Return the sub-tasks of the model's answer, or what is wrong with it."""
        try:
            plan = msgspec.convert(answer, _Plan).sub_tasks
        except msgspec.ValidationError as error:
            return [], str(error)
        for place, planned in enumerate(plan, 1):
            if not 1 <= planned.request <= len(unplanned):
                return [], f"sub-task {place} is for no request"
            if sum(other.request == planned.request for other in plan) > MOST_FOR_ONE:
                return [], f"request {planned.request} has too many sub-tasks"
            if any(not 1 <= before < place for before in planned.depends_on):
                return [], f"sub-task {place} depends on one that does not come before it"
            fault = self._fault(planned, unplanned[planned.request - 1].text, has_time)
            if fault is not None:
                return [], f"sub-task {place}: {fault}"
        return plan, None

    def _fault(
        self, planned: SubTaskProposal, said: str, has_time: Callable[[str], bool]
    ) -> str | None:
        if planned.tool == ANSWER:
            return None
        if planned.tool == MEMORY:
            query = planned.arguments.get("query")
            return None if isinstance(query, str) and query.strip() else "a query is required"
        try:
            command = self._commands.command(planned.tool, planned.arguments)
        except ValidationFailed as error:
            return "; ".join(f"{field['field']} {field['error']}" for field in error.fields)
        arguments = msgspec.to_builtins(command)
        if arguments.get("to"):  # people say "and" between them
            arguments["to"] = [address.strip() for address in arguments["to"].split(",")]
        return invented_argument(
            arguments, partial(has_words, said.casefold()), timed=has_time(said)
        )


def invented_argument(
    arguments: dict[str, Any], knows: Callable[[str], bool], *, timed: bool
) -> str | None:
    """Return an argument that nothing bears out, if there is one.

    Args:
        arguments: Of a command.
        knows: Whether a text was said or looked up.
        timed: Whether the user said when.
    """
    given = {name: value for name, value in arguments.items() if name != "type"}
    for name, value in _texts(given):
        if len(value) >= MOST_LENGTH:  # the schema let it end there
            return f"{name} is too long"
        is_time = len(value) >= 20 and value[4:5] == "-" and value.endswith("Z")
        if is_time and not timed:
            return f"{name} is a time, and none was said"
        if not is_time and not knows(value):
            return f"{name} was not said by the user"
    return None


def _texts(arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts among a command's arguments, nested ones included."""
    for name, value in arguments.items():
        match value:
            case str():
                yield name, value
            case dict():
                yield from ((f"{name}.{inner}", text) for inner, text in _texts(value))
            case list():
                yield from ((name, item) for item in value if isinstance(item, str))


def merge_plans(
    drafts: Sequence[Draft], unplanned: Sequence[Unplanned], plan: Sequence[SubTaskProposal]
) -> list[Draft]:
    """Return the plan with the model's sub-tasks in place of the unplanned requests.

    Where the model found no tool, the request stays, and waits for what the model says it needs.
    """
    of_request = {place: item.number for place, item in enumerate(unplanned, 1)}
    # The number in the rules' plan, the model's places for it, and the draft.
    entries: list[tuple[int, set[int], Draft]] = []
    for number, draft in enumerate(drafts, 1):
        mine = {i: p for i, p in enumerate(plan, 1) if of_request[p.request] == number}
        useful = {i: p for i, p in mine.items() if p.tool != ANSWER}
        if not useful:
            entries.append((number, set(mine), draft))
        for i, planned in useful.items():
            entries.append((number, {i}, _made(draft, planned, alone=len(useful) == 1)))
    result: list[Draft] = []
    for position, (_, places, draft) in enumerate(entries):
        wanted = {before for i in places for before in plan[i - 1].depends_on}
        depends = tuple(
            before
            for before, (number, others, _) in enumerate(entries[:position], 1)
            if number in draft.depends_on or wanted & others
        )
        result.append(msgspec.structs.replace(draft, depends_on=depends))
    return result


def _made(draft: Draft, planned: SubTaskProposal, *, alone: bool) -> Draft:
    """Return the draft with the tool and arguments that the model chose."""
    what = draft.description if alone else f"{draft.description} ({planned.tool})"
    return msgspec.structs.replace(
        draft, description=what, tool=planned.tool, arguments=planned.arguments, refusal=None
    )


def _tools() -> str:
    lines = [f"{spec.name}: {spec.words('en').description}" for spec in _OFFERED]
    return "\n".join([
        *lines,
        f"{MEMORY}: Look into what the user asked to remember",
        f"{ANSWER}: Answer in words",
    ])  # fmt: skip


def plan_schema(requests: int) -> dict[str, Any]:
    """Return the schema of a plan for so many requests."""
    query = {
        "type": "object",
        "properties": {"query": {"type": "string", "minLength": 1, "maxLength": 200}},
        "required": ["query"],
        "additionalProperties": False,
    }
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    tools = [_sub_task(spec.name, arguments_schema(spec), requests) for spec in _OFFERED]
    tools += [_sub_task(MEMORY, query, requests), _sub_task(ANSWER, nothing, requests)]
    most = min(requests * MOST_FOR_ONE, 8)
    return {
        "type": "object",
        "properties": {
            "sub_tasks": {
                "type": "array",
                "items": {"anyOf": tools},
                "minItems": 1,
                "maxItems": most,
            }
        },
        "required": ["sub_tasks"],
        "additionalProperties": False,
    }


def _sub_task(tool: str, arguments: dict[str, Any], requests: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "request": {"enum": list(range(1, requests + 1))},
            "description": {"type": "string", "minLength": 1, "maxLength": 60},
            "tool": {"const": tool},
            "arguments": arguments,
            "depends_on": {
                "type": "array",
                "items": {"enum": list(range(1, 9))},
                "maxItems": 4,
            },
        },
        "required": ["request", "description", "tool", "arguments", "depends_on"],
        "additionalProperties": False,
    }
