"""What commands change: at once, or once a person has approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.messages.speaker import event_title, letter_title
from pisovereign.actions.messages.words import Clock
from pisovereign.actions.sources import Sources
from pisovereign.actions.types import (
    Command,
    CreateCalendarEvent,
    CreateReminder,
    DraftEmail,
    RunCatalogCommand,
    SendEmail,
)
from pisovereign.api_keys import Identity
from pisovereign.approvals.types import Approval, NewApproval
from pisovereign.catalog.service import KIND as CATALOG_COMMAND
from pisovereign.catalog.service import PreparedRun
from pisovereign.catalog.types import Execution, PendingApproval
from pisovereign.errors import NotFound, ServiceUnavailable, ValidationFailed
from pisovereign.reminders.types import NewReminder, Reminder
from pisovereign.validation import validate


class Asked(NamedTuple):
    """Something that waits for an approval; `title` says what."""

    approval_id: UUID
    expires_at: dt.datetime
    title: str


class Catalog(Protocol):
    """What executes system commands."""

    async def execute(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> Execution | PendingApproval:
        """Execute a command, or ask for the approval that it needs."""
        ...

    async def prepare(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> PreparedRun:
        """What would be executed, and whether only after an approval."""
        ...


class Approvals(Protocol):
    """Where approvals are asked for."""

    async def request(
        self, identity: Identity, kind: str, title: str, payload: Any, approval: UUID | None
    ) -> Approval:
        """Ask for an approval; under an id of the caller's, once."""
        ...


class Actions:
    """Carries out what changes something.

    Args:
        sources: What changes are made to.
        catalog: The system commands.
        approvals: Where approvals are asked for.
    """

    def __init__(self, sources: Sources, catalog: Catalog, approvals: Approvals) -> None:
        self._reminders = sources.reminders
        self._calendar = sources.calendar
        self._letters = sources.letters
        self._catalog = catalog
        self._approvals = approvals

    async def remind(self, caller: Caller, command: CreateReminder) -> Reminder:
        """Make a reminder, one for each request.

        Raises:
            ValidationFailed: its time is not to come.
        """
        user = caller.identity.user_id
        # By now its time may be past.
        if caller.reminder and (made := await self._reminders.find(user, caller.reminder)):
            return made
        new = {"title": command.title, "remind_at": command.remind_at}
        return await self._reminders.create(user, validate(new, NewReminder), caller.reminder)

    async def prepare(self, caller: Caller, command: Command, clock: Clock) -> NewApproval | None:
        """What has to be approved before a command is carried out; None: nothing.

        Raises:
            NotConfigured: what it changes is not set up.
            ValidationFailed: it cannot be carried out as it was given.
            UpstreamError: what it is about cannot be looked for.
        """
        user, kind = caller.identity.user_id, registry.spec_of(command).name
        match command:
            case CreateCalendarEvent():
                self._calendar.require(user, command)
                return NewApproval(kind, event_title(command, caller.language, clock), command)
            case SendEmail() | DraftEmail():
                letter = await self._letters.prepare(user, command)
                draft = isinstance(command, DraftEmail)
                return NewApproval(kind, letter_title(letter, caller.language, draft=draft), letter)
            case RunCatalogCommand():
                run, line, asks = await self._system_command(caller, command)
                return NewApproval(CATALOG_COMMAND, line, run) if asks else None
            case _:
                return None

    async def ask(self, caller: Caller, new: NewApproval) -> Asked:
        """Ask for an approval, once for each request.

        Raises:
            Conflict: too many are pending.
        """
        asked = await self._approvals.request(caller.identity, *new, caller.approval)
        return Asked(asked.id, asked.expires_at, new.title)

    async def run(self, caller: Caller, command: RunCatalogCommand) -> Execution:
        """Execute a system command that needs no approval.

        Raises:
            ServiceUnavailable: it could not be started, or needs an approval by now.
            UpstreamError: it is not known how it ended.
        """
        done = await self._catalog.execute(caller.identity, command.catalog_id, command.arguments)
        if isinstance(done, Execution):
            return done
        raise ServiceUnavailable("This command needs an approval by now")

    async def _system_command(self, caller: Caller, command: RunCatalogCommand) -> PreparedRun:
        try:
            return await self._catalog.prepare(
                caller.identity, command.catalog_id, command.arguments
            )
        except NotFound:
            error = "is not a command of the catalog"
            raise ValidationFailed([{"field": "catalog_id", "error": error}]) from None
