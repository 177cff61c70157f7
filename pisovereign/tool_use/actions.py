"""The actions of the registry that models are told of, as tools.

A model chose the arguments, so whatever changes something becomes an approval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import ModelTool
from pisovereign.actions.registry import MODEL_TOOLS
from pisovereign.actions.service import ActionService
from pisovereign.actions.spec import ActionSpec, Part
from pisovereign.actions.types import FoundMemories, Outcome, Pending
from pisovereign.errors import PiSovereignError, UpstreamError, ValidationFailed
from pisovereign.locales import Zones
from pisovereign.memory.types import label
from pisovereign.tool_use.schemas import read_arguments, simple_schema
from pisovereign.tool_use.types import AskedApproval, CallResult, OfferedTool

_OUTSIDE_KIND = label("tool_result")


class ActionTools:
    """Offers actions, and carries them out for a model.

    Args:
        actions: Carries them out.
        zones: Returns where a user is.
        offered: Which of them, in the order in which a model is told of them.
    """

    def __init__(
        self, actions: ActionService, zones: Zones, offered: Sequence[ActionSpec] | None = None
    ) -> None:
        self._actions = actions
        self._zones = zones
        specs = everybodys() if offered is None else offered
        self._specs = {spec.name: spec for spec in specs}
        self._tools = tuple(_offered(spec, spec.model) for spec in specs if spec.model is not None)

    def tools(self) -> Sequence[OfferedTool]:
        """Return the tools in their order."""
        return self._tools

    def needs(self, name: str) -> Part | None:
        """Return what has to be set up for one of the tools; None: nothing."""
        return self._specs[name].needs

    def command(self, user: UUID, name: str, arguments: dict[str, Any]) -> msgspec.Struct:
        """Return the command that a user's call of one of the tools is.

        Raises:
            ValidationFailed: The arguments are not what it takes.
        """
        read = read_arguments(arguments, self._specs[name].type, self._zones(user))
        return self._actions.command(name, read, "mcp")

    async def call(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Carry an action out, or ask for the approval that it needs."""
        spec = self._specs[name]
        try:
            command = self.command(caller.identity.user_id, name, arguments)
        except ValidationFailed as error:
            return CallResult(status="failed", text=_reasons(error))
        try:
            done = await self._actions.run(caller.asking_only(), command)
        except PiSovereignError as error:
            text = self._actions.explain(command, error, caller.language)
            # What a server or one of its things is called, or what it says, may be in it.
            outside = spec.shows_outside_text and isinstance(error, UpstreamError)
            return CallResult(status="failed", text=text, outside_text=outside)
        if isinstance(done, Pending):
            asked = AskedApproval(
                command=command,
                id=done.approval_id,
                title=done.title,
                expires_at=done.expires_at,
            )
            return CallResult(
                status="pending_approval",
                text=done.text,
                outside_text=spec.model is not None and spec.model.finds,
                approval=asked,
            )
        outside = spec.reads_outside_text or _holds_outside_text(spec, done.result)
        return CallResult(status="completed", text=done.text, outside_text=outside)


def _holds_outside_text(spec: ActionSpec, result: msgspec.Struct) -> bool:
    """Return whether memories were found that came from tools, or things to choose from."""
    if isinstance(result, Outcome) and result.choices and spec.shows_outside_text:
        return True
    return isinstance(result, FoundMemories) and any(
        memory.memory_type == _OUTSIDE_KIND for memory in result.memories
    )


def everybodys() -> tuple[ActionSpec, ...]:
    """Return the actions that everybody's models are told of."""
    return tuple(spec for spec in MODEL_TOOLS if spec.model and spec.model.everybodys)


def further() -> tuple[ActionSpec, ...]:
    """Return those that models are told of only for whom they are set up."""
    return tuple(spec for spec in MODEL_TOOLS if spec.model and not spec.model.everybodys)


def _offered(spec: ActionSpec, tool: ModelTool) -> OfferedTool:
    return OfferedTool(
        name=spec.name,
        description=tool.description,
        parameters=simple_schema(spec.arguments(), tool.arguments),
        has_effects=spec.side_effects,
        sends=spec.sends,
        timed=tool.timed,
        quoted=tool.quoted,
    )


def _reasons(error: ValidationFailed) -> str:
    return "; ".join(
        f"{field['field'].removeprefix('args.')} {field['error']}" for field in error.fields
    )
