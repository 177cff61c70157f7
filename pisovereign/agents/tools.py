"""What a sub-task may use: commands, and the search of memories."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.messages.speaker import tell_failure
from pisovereign.actions.registry import CommandSpec
from pisovereign.actions.service import CommandService
from pisovereign.agents.messages import say
from pisovereign.agents.types import ANSWER, MEMORY
from pisovereign.errors import PiSovereignError
from pisovereign.memory.types import FoundMemory, SearchQuery
from pisovereign.untrusted_text import one_line

_MEMORIES = 5
_LONGEST_MEMORY = 400
_LONGEST_QUERY = 1_000
HELP = "help"


class Memories(Protocol):
    """The users' memories."""

    async def search(self, user: UUID, query: SearchQuery) -> list[FoundMemory]:
        """The best memories for a query."""
        ...


class ToolFailed(PiSovereignError):
    """A tool that did not do what it was to do; the message says why, to the user."""


class Tools:
    """Carries out what reads, and says which tools there are.

    Args:
        commands: Every command.
        memories: What is remembered.
        threshold: Least cosine of a memory that is told.
    """

    def __init__(self, commands: CommandService, memories: Memories, threshold: float) -> None:
        self._commands = commands
        self._memories = memories
        self._threshold = threshold
        self.specs: dict[str, CommandSpec] = {spec.name: spec for spec in registry.COMMANDS}

    def knows(self, tool: str) -> bool:
        """Whether there is such a tool."""
        return tool in (ANSWER, MEMORY) or tool in self.specs

    def reads_only(self, tool: str) -> bool:
        """Whether a tool changes nothing."""
        return reads_only(tool)

    def reading(self) -> list[CommandSpec]:
        """The commands that find something out: help knows nothing about the world."""
        known = self.specs.values()
        return [spec for spec in known if not spec.side_effects and spec.name != HELP]

    async def read(self, caller: Caller, tool: str, arguments: dict[str, Any]) -> str:
        """What a tool that only reads has to say.

        Raises:
            ToolFailed: it has nothing to say; the message is the reason.
        """
        if not self.reads_only(tool):
            raise ToolFailed(f"{tool} needs an approval")
        if tool == MEMORY:
            return await self._remember(caller, str(arguments.get("query", "")))
        command = self._commands.command(tool, arguments)
        try:
            return (await self._commands.run(caller, command)).text
        except PiSovereignError as error:
            raise ToolFailed(tell_failure(command, error, caller.language)) from error

    async def _remember(self, caller: Caller, query: str) -> str:
        asked = SearchQuery(q=query[:_LONGEST_QUERY], limit=_MEMORIES, threshold=self._threshold)
        found = await self._memories.search(caller.identity.user_id, asked)
        lines = [f"- {one_line(row.content, _LONGEST_MEMORY)}" for row in found if row.content]
        if not lines:
            return say("nothing", caller.language)
        return "\n".join((say("remembered", caller.language), *lines))


def reads_only(tool: str) -> bool:
    """Whether a tool changes nothing."""
    return tool in (ANSWER, MEMORY) or not registry.find(tool).side_effects
