"""Calling a tool of another program, once a person has approved it."""

from __future__ import annotations

from typing import Any

import msgspec

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.mcp.types import PinnedCall, ToolAnswer
from pisovereign.errors import UpstreamError
from pisovereign.text.canonical import canonical_line
from pisovereign.text.untrusted import one_line

OUTSIDE_TOOL = "outside_tool"
"""The kind of such approvals."""
_MOST_REASON = 500


class CallOutsideTool(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Call a tool of one of the user's tool servers."""

    server: str
    tool: str
    arguments: dict[str, Any]


class CallOutsideToolAction(ApprovedAction[CallOutsideTool]):
    """Calls the tool with exactly the arguments that were shown, if it is still the same tool.

    Only models ask for it, as the tool that it is; so it is no command of its own.
    """

    spec = ActionSpec(
        name="call_outside_tool",
        type=CallOutsideTool,
        result=None,
        side_effects=True,
        approval="always",
        clients=frozenset(),
    )
    kind = OUTSIDE_TOOL

    @property
    def limit_s(self) -> float:
        """The limit of tool servers."""
        return self._backends.outside_tools.limit_s

    async def ask(self, caller: Caller, command: CallOutsideTool) -> NewApproval:
        """Return the call, bound to the tool as it was allowed."""
        pinned = await self._backends.outside_tools.pinned(
            caller.identity.user_id, command.server, command.tool, command.arguments
        )
        title = canonical_line(f"{pinned.server}: {pinned.tool}")
        return NewApproval(self.kind, title, pinned)

    async def carry_out(self, approved: Approved) -> ToolAnswer:
        """Call it, once; what it gives was written by others.

        Raises:
            UpstreamError: It says that it failed.
        """
        call = msgspec.json.decode(approved.payload, type=PinnedCall)
        answer = await self._backends.outside_tools.call(approved.user, call)
        if answer.failed:
            raise UpstreamError(f"It says that it failed: {one_line(answer.text, _MOST_REASON)}")
        return answer
