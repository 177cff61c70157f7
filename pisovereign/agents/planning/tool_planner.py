"""Plans by a model that has shown that it calls tools, with the rounds of tools that chat has.

What only reads is called at once, so that the model may look something up and then act. What would
change something is only noted: it becomes a sub-task, which waits for its approval as everywhere.
Its texts have to be the user's, or what was looked up for this request: the model invents none.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any
from uuid import uuid5

import msgspec

from pisovereign.actions.caller import Caller
from pisovereign.agents.planning.proposals import (
    MOST_FOR_ONE,
    MOST_TOKENS,
    Proposal,
    Requests,
    invented_argument,
)
from pisovereign.agents.quota import EngineQuota
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.tools import offered, reads_only
from pisovereign.agents.types import MEMORY
from pisovereign.engine_client.client import AnswerEvent
from pisovereign.engine_client.types import Message
from pisovereign.errors import ValidationFailed
from pisovereign.tool_use.actions import ActionTools
from pisovereign.tool_use.grounding import OwnWords
from pisovereign.tool_use.loop import Asked, ToolLoop
from pisovereign.tool_use.toolbox import Toolbox
from pisovereign.tool_use.types import CallResult, OfferedTool

_MOST_ROUNDS = 4
_SEARCH = "memory_search"
_TASK = (
    "You plan one request of a user. Call the tools that it needs: first those that look something "
    "up, then those that change something, which the user approves later. Repeat titles, places "
    "and names exactly as the user wrote them or as a tool gave them. If no tool fits, call none."
)
_PLANNED = "Planned. It happens when the user approves."


class ToolPlanner:
    """Has the model call tools, for one request after the other.

    Args:
        quota: The model.
        actions: The tools, and what checks their arguments.
    """

    def __init__(self, quota: EngineQuota, actions: ActionTools) -> None:
        self._quota = quota
        self._actions = actions

    async def plan(self, requests: Requests, running: RunningTask) -> list[Proposal]:
        """Return a proposal for each call that was made."""
        proposals: list[Proposal] = []
        for place, text in enumerate(requests.texts, 1):
            words = OwnWords([text], requests.has_time)
            timed = requests.has_time(text)
            noting = _NotingTools(self._actions, words.knows, proposals, place, timed=timed)
            loop = ToolLoop(Toolbox([noting]), _MOST_ROUNDS)
            asking = [Message("system", _TASK), Message("user", f"{requests.now}\n{text}")]
            ask = _asking(self._quota, loop, asking, running)
            async with aclosing(
                loop.run(running.caller, uuid5(running.id, f"plan {place}"), ask, words=words)
            ) as events:
                async for _ in events:
                    pass
        return proposals


def _asking(
    quota: EngineQuota, loop: ToolLoop, messages: Sequence[Message], running: RunningTask
) -> Callable[[Asked], AsyncGenerator[AnswerEvent]]:
    """Return what asks the model, in each round of one request."""
    tools = loop.toolbox.wire()

    async def ask(asked: Asked) -> AsyncGenerator[AnswerEvent]:
        for event in await quota.call_tools(
            [*messages, *(message for each in asked.rounds for message in each.messages())],
            tools,
            may_call=asked.may_call,
            budget=running.budget,
            most_tokens=MOST_TOKENS,
            user=running.caller.identity.user_id,
        ):
            yield event

    return ask


class _NotingTools:
    """The actions as tools: those that read are called, those that would change are noted.

    Args:
        actions: All of them.
        knows: Whether a text was said by the user, or looked up.
        proposals: Where calls are noted.
        request: The place of the request that they are for.
        timed: Whether it says when.
    """

    def __init__(
        self,
        actions: ActionTools,
        knows: Callable[[str], bool],
        proposals: list[Proposal],
        request: int,
        *,
        timed: bool,
    ) -> None:
        self._actions = actions
        allowed = {spec.name for spec in offered()} | {_SEARCH}
        self._tools = [tool for tool in actions.tools() if tool.name in allowed]
        self._knows = knows
        self._proposals = proposals
        self._before = len(proposals)
        self._request = request
        self._timed = timed

    def tools(self) -> Sequence[OfferedTool]:
        """Return the tools in their order."""
        return self._tools

    async def call(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Call a tool that reads, or note one that would change something."""
        if len(self._proposals) - self._before >= MOST_FOR_ONE:
            return CallResult(status="failed", text="The plan is full: call nothing more.")
        try:
            command = self._actions.command(caller.identity.user_id, name, arguments)
        except ValidationFailed as error:
            return CallResult(status="failed", text=error.reasons)
        given = msgspec.to_builtins(command)
        given.pop("type", None)
        tool = MEMORY if name == _SEARCH else name
        if reads_only(tool):
            result = await self._actions.call(caller, name, arguments)
            if result.status == "completed":
                kept = {"query": given["q"]} if tool == MEMORY else given
                self._proposals.append(Proposal(self._request, tool, kept))
            return result
        fault = invented_argument(given, self._knows, timed=self._timed)
        if fault is not None:
            return CallResult(status="failed", text=fault)
        noted = enumerate(self._proposals[self._before :], self._before + 1)
        looked_up = [number for number, each in noted if reads_only(each.tool)]
        self._proposals.append(Proposal(self._request, tool, given, looked_up))
        return CallResult(status="completed", text=_PLANNED)
