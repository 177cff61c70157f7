"""The registry's actions as tools: those, and with those arguments, that the TOML files here name.

A model chose the arguments, so whatever changes something becomes an approval.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.service import ActionService
from pisovereign.actions.spec import ActionSpec, Part
from pisovereign.actions.types import FoundMemories, Outcome, Pending
from pisovereign.errors import PiSovereignError, UpstreamError, ValidationFailed
from pisovereign.locales import Zones
from pisovereign.memory.types import label
from pisovereign.tool_use.schemas import read_arguments, simple_schema
from pisovereign.tool_use.types import AskedApproval, CallResult, OfferedTool

EVERYBODYS = "model_tools.toml"
FURTHER = "further_tools.toml"
"""What is offered to those only for whom it is set up."""
_OUTSIDE_KIND = label("tool_result")


class ModelTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a model is told of an action, and what its arguments have to rest on: `OfferedTool`.

    `finds`: what is asked for names what was found, as others called it.
    """

    description: str
    arguments: dict[str, str]
    timed: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()
    finds: bool = False


class ActionTools:
    """Offers actions, and carries them out for a model.

    Args:
        actions: Carries them out.
        zones: Returns where a user is.
        files: Which of them, and how a model is told of each.
    """

    def __init__(
        self, actions: ActionService, zones: Zones, files: Sequence[str] = (EVERYBODYS,)
    ) -> None:
        self._actions = actions
        self._zones = zones
        self._described = described = {
            name: tool for file in files for name, tool in model_tools(file).items()
        }
        self._specs = {name: registry.find(name, "mcp") for name in described}
        self._tools = tuple(_offered(self._specs[name], tool) for name, tool in described.items())

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
                outside_text=self._described[name].finds,
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


def model_tools(file: str = EVERYBODYS) -> dict[str, ModelTool]:
    """Return how a model is told of each action that it is offered, by the action's name."""
    text = resources.files(__package__).joinpath(file).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, ModelTool])


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
