"""Commands in a conversation: which message is one, and what is answered to it.

Only what a user has just written is looked at. Text of memories, mails or earlier turns never gets
here, so nothing in it can become a command.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.service import ActionService
from pisovereign.actions.types import Command
from pisovereign.api_keys import Identity
from pisovereign.asgi.errors import error_object
from pisovereign.errors import NotConfigured, PiSovereignError
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.parsing.service import ParseService
from pisovereign.runner.types import RunStatus

LONGEST_MESSAGE = 300
"""Longer messages are talk, or text that was pasted."""
CLEAR = 0.7
"""The least confidence of a command that is carried out without asking back.

A day that could be two, such as "next Friday" on a Monday, is above it: the answer names the date,
and a model would only pretend to have done something.
"""

Status = Literal[RunStatus, "pending_approval", "not_configured"]


class SpokenCommand(msgspec.Struct, frozen=True, kw_only=True):
    """The command that an answer is about, as data.

    `arguments` is what was understood. Which further fields there are depends on the status: those
    of the command's own response, or `error` when it is `not_configured` or `failed`.
    """

    type: str
    arguments: dict[str, Any]
    status: Status
    result: Any = UNSET  # a `Result`: msgspec describes no union of structs
    executed_at: dt.datetime | UnsetType = UNSET
    approval_id: UUID | UnsetType = UNSET
    expires_at: dt.datetime | UnsetType = UNSET
    title: str | UnsetType = UNSET
    error: dict[str, Any] | UnsetType = UNSET


class SpokenAnswer(NamedTuple):
    """What is answered to a command: in words, and as data."""

    text: str
    command: SpokenCommand


class SpokenCommands:
    """Commands given in chat.

    Args:
        service: Carries them out.
        parsing: Finds them.
    """

    def __init__(self, service: ActionService, parsing: ParseService) -> None:
        self._service = service
        self._parsing = parsing

    async def find(self, identity: Identity, message: str) -> Command | None:
        """The command that a user's newest message is, if it certainly is one."""
        if len(message) > LONGEST_MESSAGE:
            return None
        parsed = await self._parsing.parse_by_rules(identity.user_id, message)
        return parsed.command if parsed.confidence >= CLEAR else None

    async def carry_out(
        self,
        identity: Identity,
        message: str,
        command: Command,
        *,
        otherwise: Language,
        once: UUID,
    ) -> SpokenAnswer:
        """Carry a command out; what goes wrong is told in words.

        Args:
            identity: Whose key the message came with.
            message: What was said, for its language.
            command: What was understood.
            otherwise: The language to answer in when the message does not tell.
            once: The message's id, which stays the same when it is answered again.
        """
        language = detect_language(message, otherwise)
        arguments = {k: v for k, v in msgspec.to_builtins(command).items() if k != "type"}
        kind = registry.spec_of(command).type_name
        try:
            done = await self._service.run(Caller(identity, language, once), command)
        except PiSovereignError as error:
            return SpokenAnswer(
                self._service.explain(command, error, language),
                SpokenCommand(
                    type=kind,
                    arguments=arguments,
                    status="not_configured" if isinstance(error, NotConfigured) else "failed",
                    error=error_object(error),
                ),
            )
        fields = msgspec.structs.asdict(done)
        told = {name: fields[name] for name in fields if name not in ("command", "text")}
        return SpokenAnswer(done.text, SpokenCommand(type=kind, arguments=arguments, **told))
