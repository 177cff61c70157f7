"""Proposals of a model for requests that no rule understands: how they are checked and merged.

Whichever way a model plans, its proposals hold the user's own words, or what was looked up for
them: texts have to be repeated, and a time needs one that was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.schemas import MOST_LENGTH
from pisovereign.agents.types import ANSWER, Draft

MOST_FOR_ONE = 3
"""Sub-tasks that one request may become."""
MOST_TOKENS = 400


class Proposal(msgspec.Struct, frozen=True):
    """A sub-task as a model proposes it, for a request that it names by its place among them."""

    request: int
    tool: str
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    depends_on: list[int] = msgspec.field(default_factory=list)


class Requests(NamedTuple):
    """Requests that no rule understands.

    Attributes:
        texts: What they are, in the user's words.
        now: The date and time where the user is.
        has_time: Whether a text says when.
    """

    texts: Sequence[str]
    now: str
    has_time: Callable[[str], bool]


class ModelPlanner(Protocol):
    """A way in which a model plans."""

    async def plan(self, requests: Requests, running: RunningTask) -> list[Proposal]:
        """Return proposals for the requests of a task; none for what no tool fits.

        Raises:
            PiSovereignError: the engine does not answer, or the tokens are used up.
        """
        ...


def unplanned(drafts: Sequence[Draft]) -> dict[int, str]:
    """Return what no rule understands, by its number; of conditions no model plans anything."""
    return {
        number: draft.description
        for number, draft in enumerate(drafts, 1)
        if draft.tool == ANSWER and draft.refusal != "conditional"
    }


def invented_argument(
    arguments: Mapping[str, Any], knows: Callable[[str], bool], *, timed: bool
) -> str | None:
    """Return what is wrong with an argument that nothing bears out, if there is one.

    Args:
        arguments: Of a command.
        knows: Whether a text was said or looked up.
        timed: Whether the user said when.
    """
    given = {name: value for name, value in arguments.items() if name != "type"}
    if isinstance(recipients := given.get("to"), str):  # people say "and" between them
        given["to"] = [address.strip() for address in recipients.split(",")]
    for name, value in _texts(given):
        if len(value) >= MOST_LENGTH:  # the schema let it end there
            return f"{name} is too long"
        is_time = len(value) >= 20 and value[4:5] == "-" and value.endswith("Z")
        if is_time and not timed:
            return f"{name} is a time, and none was said"
        if not is_time and not knows(value):
            return f"{name} was not said by the user"
    return None


def _texts(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts among a command's arguments, nested ones included."""
    for name, value in arguments.items():
        match value:
            case str():
                yield name, value
            case dict():
                yield from ((f"{name}.{inner}", text) for inner, text in _texts(value))
            case list():
                yield from ((name, item) for item in value if isinstance(item, str))


def merge_plans(drafts: Sequence[Draft], plan: Sequence[Proposal]) -> list[Draft]:
    """Return the rules' plan with a model's proposals in place of the unplanned requests.

    Where the model found no tool, the request stays, and waits for what the model says it needs.
    """
    number_of = dict(enumerate(unplanned(drafts), 1))
    # The number in the rules' plan, the model's places for it, and the draft.
    entries: list[tuple[int, set[int], Draft]] = []
    for number, draft in enumerate(drafts, 1):
        mine = {i: p for i, p in enumerate(plan, 1) if number_of[p.request] == number}
        useful = {i: p for i, p in mine.items() if p.tool != ANSWER}
        if not useful:
            entries.append((number, set(mine), draft))
        for i, proposal in useful.items():
            entries.append((number, {i}, _made(draft, proposal, alone=len(useful) == 1)))
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


def _made(draft: Draft, proposal: Proposal, *, alone: bool) -> Draft:
    """Return the draft with the tool and arguments that the model chose."""
    what = draft.description if alone else f"{draft.description} ({proposal.tool})"
    return msgspec.structs.replace(
        draft, description=what, tool=proposal.tool, arguments=proposal.arguments, refusal=None
    )
