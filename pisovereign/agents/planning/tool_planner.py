"""Plans by a model that has shown that it calls tools, with the rounds of tools that chat has.

What only reads is called at once, so that the model may look something up and then act. What would
change something is only noted: it becomes a sub-task, which waits for its approval as everywhere.
Its texts have to be the user's, or what was looked up for this request: the model invents none.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid5

import msgspec

from pisovereign.actions.caller import Caller
from pisovereign.agents.planning.model_planner import (
    MOST_FOR_ONE,
    SubTaskProposal,
    invented_argument,
)
from pisovereign.agents.planning.planner import Unplanned
from pisovereign.agents.quota import Budget, EngineQuota
from pisovereign.agents.tools import offered
from pisovereign.agents.types import MEMORY
from pisovereign.engine_client.client import AnswerEvent
from pisovereign.engine_client.types import Message
from pisovereign.errors import ValidationFailed
from pisovereign.tool_use.actions import ActionTools
from pisovereign.tool_use.grounding import OwnWords
from pisovereign.tool_use.loop import Asked, ToolLoop
from pisovereign.tool_use.toolbox import Toolbox
from pisovereign.tool_use.types import CallResult, OfferedTool

_MOST_TOKENS = 400
_MOST_ROUNDS = 4
_SEARCH = "memory_search"
_TASK = (
    "You plan one request of a user. Call the tools that it needs: first those that look something "
    "up, then those that change something, which the user approves later. Repeat titles, places "
    "and names exactly as the user wrote them or as a tool gave them. If no tool fits, call none."
)
_PLANNED = "Planned. It happens when the user approves."


class ToolPlanner:
    """Plans requests one after the other.

    Args:
        quota: The model.
        actions: The tools, and what checks their arguments.
    """

    def __init__(self, quota: EngineQuota, actions: ActionTools) -> None:
        self._quota = quota
        self._actions = actions

    async def plan(
        self,
        unplanned: Sequence[Unplanned],
        now: str,
        has_time: Callable[[str], bool],
        *,
        task: UUID,
        caller: Caller,
        budget: Budget,
        cache_key: str,
    ) -> list[SubTaskProposal]:
        """Return sub-tasks for what rules unplanned over; none for what no tool fits.

        Args:
            unplanned: The requests.
            now: The date and time where the user is.
            has_time: Whether a text says when.
            task: Whose plan it is.
            caller: Whom tools are called for.
            budget: The task's tokens.
            cache_key: What the engine may reuse computed prompts by.

        Raises:
            PiSovereignError: the engine does not answer, or the tokens are used up.
        """
        proposals: list[SubTaskProposal] = []
        for place, request in enumerate(unplanned, 1):
            words = OwnWords([request.text], has_time)
            noting = _NotingTools(self._actions, words.knows, timed=has_time(request.text))
            loop = ToolLoop(Toolbox([noting]), _MOST_ROUNDS)
            asking = _Asking(self._quota, loop, f"{now}\n{request.text}", budget, cache_key)
            async with aclosing(
                loop.run(caller, uuid5(task, f"plan {place}"), asking.ask, words=words)
            ) as events:
                async for _ in events:
                    pass
            proposals += _of_request(noting.noted, place, request.text, len(proposals))
        return proposals


class _Asking:
    """Asks the model for one request."""

    def __init__(
        self, quota: EngineQuota, loop: ToolLoop, said: str, budget: Budget, cache_key: str
    ) -> None:
        self._quota = quota
        self._tools = loop.toolbox.wire()
        self._messages = [Message("system", _TASK), Message("user", said)]
        self._budget = budget
        self._cache_key = cache_key

    async def ask(self, asked: Asked) -> AsyncGenerator[AnswerEvent]:
        """Yield what the model says and calls."""
        messages = [
            *self._messages,
            *(message for each in asked.rounds for message in each.messages()),
        ]
        for event in await self._quota.call_tools(
            messages,
            self._tools,
            may_call=asked.may_call,
            budget=self._budget,
            most_tokens=_MOST_TOKENS,
            cache_key=self._cache_key,
        ):
            yield event


class _Noted(msgspec.Struct, frozen=True):
    """A call that becomes a sub-task."""

    tool: str
    arguments: dict[str, Any]
    has_effects: bool


class _NotingTools:
    """The actions as tools: those that read are called, those that would change are noted.

    Args:
        actions: All of them.
        knows: Whether a text was said by the user, or looked up.
        timed: Whether they say when.
    """

    def __init__(self, actions: ActionTools, knows: Callable[[str], bool], *, timed: bool) -> None:
        self._actions = actions
        allowed = {spec.name for spec in offered()} | {_SEARCH}
        self._tools = [tool for tool in actions.tools() if tool.name in allowed]
        self._effects = {tool.name for tool in self._tools if tool.has_effects}
        self._knows = knows
        self._timed = timed
        self.noted: list[_Noted] = []

    def tools(self) -> Sequence[OfferedTool]:
        """Return the tools in their order."""
        return self._tools

    async def call(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Call a tool that reads, or note one that would change something."""
        if len(self.noted) >= MOST_FOR_ONE:
            return CallResult(status="failed", text="The plan is full: call nothing more.")
        try:
            command = msgspec.to_builtins(
                self._actions.command(caller.identity.user_id, name, arguments)
            )
        except ValidationFailed as error:
            reasons = "; ".join(f"{field['field']} {field['error']}" for field in error.fields)
            return CallResult(status="failed", text=reasons)
        given = {key: value for key, value in command.items() if key != "type"}
        if name in self._effects:
            fault = invented_argument(given, self._knows, timed=self._timed)
            if fault is not None:
                return CallResult(status="failed", text=fault)
            self.noted.append(_Noted(name, given, has_effects=True))
            return CallResult(status="completed", text=_PLANNED)
        result = await self._actions.call(caller, name, arguments)
        if result.status == "completed":
            self.noted.append(_noted_search(name, given))
        return result


def _noted_search(name: str, given: dict[str, Any]) -> _Noted:
    if name == _SEARCH:
        return _Noted(MEMORY, {"query": given["q"]}, has_effects=False)
    return _Noted(name, given, has_effects=False)


def _of_request(
    noted: Sequence[_Noted], place: int, text: str, before: int
) -> list[SubTaskProposal]:
    """Return the sub-tasks of a request: what changes something waits for what was looked up."""
    read = [number for number, each in enumerate(noted, before + 1) if not each.has_effects]
    return [
        SubTaskProposal(
            place,
            text[:200],
            each.tool,
            each.arguments,
            [number for number in read if number < own] if each.has_effects else [],
        )
        for own, each in enumerate(noted, before + 1)
    ]
