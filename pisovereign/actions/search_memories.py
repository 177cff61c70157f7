"""Searching what the user wants to be remembered."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import ModelTool
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.memory.types import FoundMemory, SearchQuery


class FoundMemories(msgspec.Struct, frozen=True, kw_only=True):
    """The best memories for a query."""

    memories: list[FoundMemory]


class SearchMemoriesAction(DirectAction[SearchQuery, FoundMemories]):
    """Searches memories, for models; people have routes of their own for it."""

    spec = ActionSpec(
        name="memory_search",
        module="search_memories",
        type=SearchQuery,
        result=FoundMemories,
        clients=frozenset(("agents", "mcp")),
        model=ModelTool(
            "Search what the user has told you to remember: names, dates, preferences, facts "
            "about their own life.",
            {"q": "What to look for, in a few words"},
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: SearchQuery) -> FoundMemories:
        """Return the best memories for a query."""
        found = await self._backends.memories.search(caller.identity.user_id, command)
        return FoundMemories(memories=found)

    def describe(self, result: FoundMemories, messages: Messages, clock: Clock) -> str:
        """Return memories, each with all of its text."""
        lines = [f"- {memory.content}" for memory in result.memories]
        return "\n".join(lines) or messages.say("memory_search.none")
