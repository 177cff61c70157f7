"""What commands change: at once, or once a person has approved."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from pisovereign.approvals.types import Approval
from pisovereign.catalog.types import Execution, PendingApproval
from pisovereign.commands import registry
from pisovereign.commands.caller import Caller
from pisovereign.commands.sources import Sources
from pisovereign.commands.types import (
    Command,
    CreateCalendarEvent,
    CreateReminder,
    DraftEmail,
    RunCatalogCommand,
    SendEmail,
)
from pisovereign.commands.wording.speaker import event_title, letter_title
from pisovereign.commands.wording.words import Clock
from pisovereign.errors import NotFound, ValidationFailed
from pisovereign.keys import Identity
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


class Approvals(Protocol):
    """Where approvals are asked for."""

    async def request(self, identity: Identity, kind: str, title: str, payload: Any) -> Approval:
        """Ask for an approval."""
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
        """Make a reminder.

        Raises:
            ValidationFailed: its time is not to come.
        """
        new = {"title": command.title, "remind_at": command.remind_at}
        return await self._reminders.create(caller.identity.user_id, validate(new, NewReminder))

    async def create_event(
        self, caller: Caller, command: CreateCalendarEvent, clock: Clock
    ) -> Asked:
        """Ask whether an event may be put into the calendar.

        Raises:
            NotConfigured: there is no calendar to put it into.
            ValidationFailed: it ends before it starts.
            Conflict: too many approvals are pending.
        """
        self._calendar.require(caller.identity.user_id, command)
        return await self._ask(
            caller, command, event_title(command, caller.language, clock), command
        )

    async def write(self, caller: Caller, command: SendEmail | DraftEmail) -> Asked:
        """Ask whether a mail may be sent, or put into the drafts.

        Raises:
            NotConfigured: nothing sends, or there are no drafts.
            ValidationFailed: recipient or subject are missing, or there is no such mail to answer.
            UpstreamError: what is to be answered cannot be looked for.
            Conflict: too many approvals are pending.
        """
        letter = await self._letters.prepare(caller.identity.user_id, command)
        title = letter_title(letter, caller.language, draft=isinstance(command, DraftEmail))
        return await self._ask(caller, command, title, letter)

    async def run(self, caller: Caller, command: RunCatalogCommand) -> Execution | Asked:
        """Execute a system command, or ask for the approval that it needs.

        Raises:
            ValidationFailed: there is no such command, or its arguments do not fit.
            Conflict: too many approvals are pending.
        """
        try:
            done = await self._catalog.execute(
                caller.identity, command.catalog_id, command.arguments
            )
        except NotFound:
            raise ValidationFailed(
                [{"field": "catalog_id", "error": "is not a command of the catalog"}]
            ) from None
        if isinstance(done, PendingApproval):
            return Asked(done.approval_id, done.expires_at, shlex.join(done.argv))
        return done

    async def _ask(self, caller: Caller, command: Command, title: str, payload: Any) -> Asked:
        kind = registry.spec_of(command).name
        asked = await self._approvals.request(caller.identity, kind, title, payload)
        return Asked(asked.id, asked.expires_at, title)
