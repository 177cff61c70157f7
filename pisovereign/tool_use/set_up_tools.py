"""Actions as tools, for each user those only whose service is set up.

Everybody's tools come first in a prompt and are computed once; what only some have use for follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from pisovereign.actions.caller import Caller
from pisovereign.actions.spec import Part
from pisovereign.tool_use.actions import ActionTools
from pisovereign.tool_use.types import CallResult, OfferedTool


class SetUpTools:
    """Chooses tools for users.

    Args:
        tools: All of them.
        has: Whether something is set up for a user.
    """

    def __init__(self, tools: ActionTools, has: Callable[[UUID, Part], bool]) -> None:
        self._tools = tools
        self._has = has

    def of(self, user: UUID) -> SomeTools:
        """Return those of a user, in the order of all."""
        return SomeTools(
            self._tools,
            [
                tool
                for tool in self._tools.tools()
                if (part := self._tools.needs(tool.name)) is None or self._has(user, part)
            ],
        )


class SomeTools:
    """Offers some of the tools of another provider.

    Args:
        tools: Who has them.
        offered: Which of them.
    """

    def __init__(self, tools: ActionTools, offered: Sequence[OfferedTool]) -> None:
        self._tools = tools
        self._offered = offered

    def tools(self) -> Sequence[OfferedTool]:
        """Return the tools in their order."""
        return self._offered

    async def call(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Call one of them: a toolbox knows no other one."""
        return await self._tools.call(caller, name, arguments)
