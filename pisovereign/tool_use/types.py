"""Tools, the results of calling them, and who provides them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, Protocol, runtime_checkable
from uuid import UUID

import msgspec

from pisovereign.actions.caller import Caller

CallStatus = Literal["completed", "pending_approval", "failed", "refused"]
"""`refused` is what may not be called in this answer, whatever the arguments are."""


class OfferedTool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as a model is told of it.

    Attributes:
        name: What it is called by, unique among all providers.
        description: What it does and when it is of use, in English.
        parameters: The JSON Schema of its arguments, an object.
        has_effects: It changes something, once somebody approves; False for what only reads.
        sends: The arguments that another machine gets at once. After a model has read text that
            others wrote, they have to be the user's own words.
        timed: The arguments that may only be given if somebody said when.
        quoted: The arguments that have to be repeated from what was said or looked up.
        foreign: Others wrote its description, which every prompt holds. Where such tools are
            offered, what our own tools send away has to be the user's own words.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    has_effects: bool
    sends: frozenset[str]
    timed: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()
    foreign: bool = False


class AskedApproval(msgspec.Struct, frozen=True, kw_only=True):
    """The approval that a call asked for: nothing happens before somebody gives it.

    `command` is what happens then.
    """

    command: msgspec.Struct
    id: UUID
    title: str
    expires_at: dt.datetime


class CallResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a call.

    Attributes:
        status: How it ended.
        text: It in words, for the model and for people.
        outside_text: It holds text that others wrote: after it, an answer may change nothing.
        approval: What waits for a person; None: nothing does.
        missing: The argument that nobody has told, and that therefore has to be asked for.
    """

    status: CallStatus
    text: str
    outside_text: bool = False
    approval: AskedApproval | None = None
    missing: str | None = None


@runtime_checkable
class AskingProvider(Protocol):
    """A provider whose calls can wait for an approval in place of being made at once."""

    async def ask(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Ask for an approval of a call, as `ToolProvider.call` would make it."""
        ...


class ToolProvider(Protocol):
    """Something that has tools: our own actions, or a server of another program."""

    def tools(self) -> Sequence[OfferedTool]:
        """Return the tools, always the same and in the same order: prompts begin with them."""
        ...

    async def call(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Call a tool; that it failed is a result as well.

        Args:
            caller: Who asks; always one who asks only, because a model chose the arguments.
            name: One of its tools.
            arguments: As the model gave them; they have to be checked.
        """
        ...
