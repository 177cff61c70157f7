"""The tools: every action that is offered to the protocol, and talking as a person would.

Nothing here changes anything by itself.

What would change something becomes an approval, whatever the key's scopes are: the arguments were
chosen by a model, which may have read them in a mail.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.messages import messages_in
from pisovereign.actions.service import ActionService
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.types import Pending
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import as_text, lines_of
from pisovereign.errors import PiSovereignError, ValidationFailed
from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages
from pisovereign.mcp.conversations import CONVERSE, Conversations
from pisovereign.mcp.types import ToolResult, ToolSpec
from pisovereign.memory.types import SearchQuery
from pisovereign.text.untrusted import one_line, plain

_ASKS = "It only asks: a person has to approve before it happens."
_RUNS = "Commands that change something only ask: a person has to approve before they happen."


class McpTools:
    """Says which tools there are, and uses them.

    Args:
        actions: Every action.
        approvals: What waits for a person.
        conversations: What answers to words.
    """

    def __init__(
        self, actions: ActionService, approvals: ApprovalService, conversations: Conversations
    ) -> None:
        self._actions = actions
        self._approvals = approvals
        self._conversations = conversations

    def specs(self) -> list[ToolSpec]:
        """Return every tool."""
        return [*(_tool(spec) for spec in registry.offered_to("mcp")), CONVERSE]

    async def call(self, caller: Caller, tool: str, arguments: dict[str, Any]) -> ToolResult:
        """Use a tool; that it failed is an outcome too."""
        try:
            if tool == CONVERSE.name:
                return await self._conversations.converse(caller, arguments)
            command = self._actions.command(tool, arguments, "mcp")
            if isinstance(command, SearchQuery):
                return await self._search(caller, command)
            return await self._run(caller, command)
        except ValidationFailed as error:
            return ToolResult(error.reasons, {"code": error.code, **error.details}, failed=True)
        except PiSovereignError as error:
            return ToolResult(error.message, {"code": error.code}, failed=True)

    async def _search(self, caller: Caller, query: SearchQuery) -> ToolResult:
        found = await self._actions.carry_out(caller, query)
        text = self._actions.describe(SearchQuery, found, caller.identity.user_id, caller.language)
        return ToolResult(text, msgspec.to_builtins(found))

    async def _run(self, caller: Caller, command: msgspec.Struct) -> ToolResult:
        try:
            done = await self._actions.run(caller.asking_only(), command)
        except ValidationFailed:
            raise
        except PiSovereignError as error:
            text = self._actions.explain(command, error, caller.language)
            return ToolResult(text, {"code": error.code}, failed=True)
        if isinstance(done, Pending):
            asked = await self._approvals.get(caller.identity.user_id, done.approval_id)
            return _pending(asked, done, caller.language)
        return ToolResult(done.text, msgspec.to_builtins(done))


def _pending(asked: Approval, pending: Pending, language: Language) -> ToolResult:
    until = asked.expires_at.astimezone(dt.UTC)
    text = messages_in(language).say(
        "pending.mcp", title=one_line(asked.title), id=asked.id, until=until
    )
    lines = lines_of(asked, load_messages(language, "approvals"))
    data = {
        "status": pending.status,
        "happened": False,
        "approval_id": str(asked.id),
        "title": asked.title,
        "lines": msgspec.to_builtins(lines),
        "expires_at": msgspec.to_builtins(until),
    }
    # What a model asked for may hold tags of its own.
    return ToolResult("\n".join((text, *map(plain, as_text(lines).splitlines()))), data)


def _tool(spec: ActionSpec) -> ToolSpec:
    note = f". {_RUNS if spec.approval == 'depends' else _ASKS}" if spec.side_effects else ""
    return ToolSpec(
        name=spec.name,
        description=spec.words("en").description + note,
        arguments=spec.arguments(),
        read_only=not spec.side_effects,
    )
