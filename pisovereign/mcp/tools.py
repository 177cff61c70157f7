"""The tools: memory search and the commands. Nothing here changes anything by itself.

What would change something becomes an approval, whatever the key's scopes are: the arguments were
chosen by a model, which may have read them in a mail.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol
from uuid import UUID

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.messages.speaker import tell_failure
from pisovereign.actions.service import CommandService
from pisovereign.agents.effects import Effects
from pisovereign.api_keys import Identity
from pisovereign.approvals.types import Approval, NewApproval
from pisovereign.errors import PiSovereignError, ValidationFailed
from pisovereign.languages import Language
from pisovereign.mcp.types import Outcome, ToolSpec
from pisovereign.memory.types import FoundMemory, SearchQuery
from pisovereign.untrusted_text import one_line
from pisovereign.validation import validate

MEMORY_SEARCH = "memory_search"
_WAITS: dict[Language, str] = {
    "en": "Nothing has happened yet: “{what}” waits for approval {id} until "
    "{until:%Y-%m-%d %H:%M} UTC. A person decides, with POST /v1/approvals/{id}/approve or /deny.",
    "de": "Es ist noch nichts geschehen: „{what}“ wartet bis {until:%Y-%m-%d %H:%M} UTC auf die "
    "Genehmigung {id}. Ein Mensch entscheidet, mit POST /v1/approvals/{id}/approve oder /deny.",
}
_NOTHING: dict[Language, str] = {
    "en": "No memory fits.",
    "de": "Keine Erinnerung passt.",
}
_ASKS = "It only asks: a person has to approve before it happens."
_RUNS = "Commands that change something only ask: a person has to approve before they happen."


class Memories(Protocol):
    """The users' memories."""

    async def search(self, user: UUID, query: SearchQuery) -> list[FoundMemory]:
        """The best memories for a query."""
        ...


class Approvals(Protocol):
    """Where approvals are asked for."""

    async def request(
        self, identity: Identity, kind: str, title: str, payload: Any, approval: UUID | None = None
    ) -> Approval:
        """Ask for an approval."""
        ...


class McpTools:
    """Says which tools there are, and uses them.

    Args:
        commands: Every command.
        memories: What is remembered.
        effects: Prepares what would change something.
        approvals: Where that is asked for.
    """

    def __init__(
        self, commands: CommandService, memories: Memories, effects: Effects, approvals: Approvals
    ) -> None:
        self._commands = commands
        self._memories = memories
        self._effects = effects
        self._approvals = approvals

    def specs(self) -> list[ToolSpec]:
        """Every tool."""
        return [
            ToolSpec(
                name=MEMORY_SEARCH,
                description="Search what the user has told the assistant to remember",
                arguments=_search_arguments(),
                read_only=True,
            ),
            *(_of_command(spec) for spec in registry.COMMANDS),
        ]

    async def call(self, caller: Caller, tool: str, arguments: dict[str, Any]) -> Outcome:
        """Use a tool; that it failed is an outcome too."""
        try:
            if tool == MEMORY_SEARCH:
                return await self._search(caller, arguments)
            return await self._command(caller, tool, arguments)
        except ValidationFailed as error:
            reasons = "; ".join(f"{field['field']} {field['error']}" for field in error.fields)
            return Outcome(reasons, {"code": error.code, **error.details}, failed=True)
        except PiSovereignError as error:
            return Outcome(error.message, {"code": error.code}, failed=True)

    async def _search(self, caller: Caller, arguments: dict[str, Any]) -> Outcome:
        query = validate(arguments, SearchQuery)
        found = await self._memories.search(caller.identity.user_id, query)
        text = "\n".join(f"- {memory.content}" for memory in found) or _NOTHING[caller.language]
        return Outcome(text, {"memories": msgspec.to_builtins(found)})

    async def _command(self, caller: Caller, tool: str, arguments: dict[str, Any]) -> Outcome:
        command = self._commands.command(tool, arguments)
        try:
            with self._commands.counted(command) as outcome:
                if registry.spec_of(command).side_effects:
                    asking = await self._effects.prepare(caller, command)
                    if asking is not None:
                        outcome.status = "pending_approval"
                        return await self._ask(caller, asking)
                done = await self._commands.run_counted(_asking_only(caller), command)
                outcome.status = done.status
        except ValidationFailed:
            raise
        except PiSovereignError as error:
            text = tell_failure(command, error, caller.language)
            return Outcome(text, {"code": error.code}, failed=True)
        return Outcome(done.text, msgspec.to_builtins(done))

    async def _ask(self, caller: Caller, new: NewApproval) -> Outcome:
        asked = await self._approvals.request(caller.identity, *new)
        until = asked.expires_at.astimezone(dt.UTC)
        what = one_line(asked.title)
        text = _WAITS[caller.language].format(what=what, id=asked.id, until=until)
        data = {
            "status": "pending_approval",
            "happened": False,
            "approval_id": str(asked.id),
            "title": asked.title,
            "expires_at": msgspec.to_builtins(until),
        }
        return Outcome(text, data)


def _asking_only(caller: Caller) -> Caller:
    """The caller, as one whose key may only ask."""
    identity = msgspec.structs.replace(caller.identity, scopes=frozenset(("user",)))
    return caller._replace(identity=identity)


def _of_command(spec: registry.CommandSpec) -> ToolSpec:
    note = f". {_RUNS if spec.approval == 'depends' else _ASKS}" if spec.side_effects else ""
    return ToolSpec(
        name=spec.name,
        description=spec.descriptions["en"] + note,
        arguments=spec.arguments(),
        read_only=not spec.side_effects,
    )


def _search_arguments() -> dict[str, Any]:
    _, components = msgspec.json.schema_components([SearchQuery], ref_template="{name}")
    schema: dict[str, Any] = components[SearchQuery.__name__]
    shown = ("type", "properties", "required")
    return {**{name: schema[name] for name in shown}, "additionalProperties": False}
