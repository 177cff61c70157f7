"""What a sub-task would change: it is prepared here, and happens only through an approval."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.caller import Caller
from pisovereign.actions.service import CommandService
from pisovereign.actions.sources import Reminders
from pisovereign.actions.types import Command, CreateReminder
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages import Language
from pisovereign.reminders.types import NewReminder
from pisovereign.untrusted_text import one_line
from pisovereign.validation import validate

CREATE_REMINDER = "create_reminder"
"""Approvals of reminders, which only tasks ask for."""
AGENT_PLAN = "agent_plan"
"""Approvals of whole plans."""
_TITLES: dict[Language, str] = {
    "en": "Create a reminder for {}: “{}”",
    "de": "Erinnerung für {} anlegen: „{}“",
}


class Effects:
    """Prepares what changes something.

    Args:
        commands: Every command.
        zone: The zone in which times are told.
    """

    def __init__(self, commands: CommandService, zone: ZoneInfo) -> None:
        self._commands = commands
        self._zone = zone

    async def prepare(self, caller: Caller, command: Command) -> NewApproval | None:
        """What is to be approved; None: the command may be carried out without.

        Raises:
            PiSovereignError: it cannot be carried out.
        """
        if isinstance(command, CreateReminder):
            validate({"title": command.title, "remind_at": command.remind_at}, NewReminder)
            when = f"{command.remind_at.astimezone(self._zone):%Y-%m-%d %H:%M}"
            title = _TITLES[caller.language].format(when, one_line(command.title))
            return NewApproval(CREATE_REMINDER, title, command)
        # A model chose the arguments, so they are judged as those of a key that may only ask.
        asking = msgspec.structs.replace(caller.identity, scopes=frozenset(("user",)))
        return await self._commands.prepare(caller._replace(identity=asking), command)


class ReminderCreator:
    """Makes reminders that were approved."""

    limit_s = 30.0

    def __init__(self, reminders: Reminders) -> None:
        self._reminders = reminders

    async def carry_out(self, approved: Approved) -> Any:
        """Do it; called once at most."""
        command = msgspec.json.decode(approved.payload, type=CreateReminder)
        new = validate({"title": command.title, "remind_at": command.remind_at}, NewReminder)
        return await self._reminders.create(approved.user, new)


class PlanExecutor:
    """A plan that was approved: it is the task that goes on, nothing happens here."""

    limit_s = 5.0

    async def carry_out(self, approved: Approved) -> Any:
        """Say that the task may go on."""
        return {"approved": True}
