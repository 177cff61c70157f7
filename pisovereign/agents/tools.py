"""Tools of a sub-task: actions, and the search of memories among them."""

from __future__ import annotations

from functools import partial
from typing import Any

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.service import ActionService
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.types import FoundMemories
from pisovereign.agents.messages import say
from pisovereign.agents.types import ANSWER, MEMORY
from pisovereign.errors import PiSovereignError
from pisovereign.memory.types import SearchQuery
from pisovereign.text.untrusted import one_line
from pisovereign.tool_use.grounding import has_words, unsaid_argument

_MEMORIES = 5
_LONGEST_MEMORY = 400
_LONGEST_QUERY = 1_000
HELP = "help"


class ToolFailed(PiSovereignError):
    """A tool that did not do what it was to do; the message says why, to the user."""


class Tools:
    """Carries out what only reads, and says which tools there are.

    Args:
        actions: Every action.
        threshold: Least cosine of a memory that is told.
    """

    def __init__(self, actions: ActionService, threshold: float) -> None:
        self._actions = actions
        self._threshold = threshold

    def reading(self) -> list[ActionSpec]:
        """Return the commands that find something out: help knows nothing about the world."""
        return [spec for spec in offered() if not spec.side_effects and spec.name != HELP]

    def unsaid(self, tool: str, arguments: dict[str, Any], said: str) -> str | None:
        """Return an argument that would leave this machine and that a text does not have."""
        if tool == MEMORY:
            return None
        return unsaid_argument(
            registry.find(tool).sends, arguments, partial(has_words, said.casefold())
        )

    async def read(self, caller: Caller, tool: str, arguments: dict[str, Any]) -> str:
        """Return what a tool that only reads has to say.

        Raises:
            ToolFailed: It has nothing to say; the message is the reason.
        """
        if not reads_only(tool):
            raise ToolFailed(f"{tool} needs an approval")
        if tool == MEMORY:
            return await self._remember(caller, str(arguments.get("query", "")))
        command = self._actions.command(tool, arguments)
        try:
            return (await self._actions.run(caller, command)).text
        except PiSovereignError as error:
            reason = self._actions.explain(command, error, caller.language)
            raise ToolFailed(reason) from error

    async def _remember(self, caller: Caller, query: str) -> str:
        search = SearchQuery(q=query[:_LONGEST_QUERY], limit=_MEMORIES, threshold=self._threshold)
        found = await self._actions.carry_out(caller, search)
        assert isinstance(found, FoundMemories)
        lines = [
            f"- {one_line(memory.content, _LONGEST_MEMORY)}"
            for memory in found.memories
            if memory.content
        ]
        if not lines:
            return say("nothing", caller.language)
        return "\n".join((say("remembered", caller.language), *lines))


def offered() -> list[ActionSpec]:
    """Return the actions that a sub-task uses by their own names; `memory` is another one's."""
    return [spec for spec in registry.offered_to("agents") if spec.type is not SearchQuery]


def reads_only(tool: str) -> bool:
    """Return whether a tool changes nothing."""
    return tool in (ANSWER, MEMORY) or not registry.find(tool).side_effects
