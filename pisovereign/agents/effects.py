"""What a sub-task would change: it is prepared here, and happens only through an approval."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.approvals.types import Approval, Approved, NewApproval
from pisovereign.catalog.service import KIND as CATALOG_COMMAND
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.types import Execution
from pisovereign.commands.caller import Caller
from pisovereign.commands.sources import CalendarSource, Language, Reminders
from pisovereign.commands.types import (
    Command,
    CreateCalendarEvent,
    CreateReminder,
    RunCatalogCommand,
)
from pisovereign.errors import NotFound, ServiceUnavailable, ValidationFailed
from pisovereign.quoting import one_line
from pisovereign.reminders.types import NewReminder
from pisovereign.validation import validate

AGENT_ACTION = "agent_action"
"""Approvals of what a sub-task would change."""
AGENT_PLAN = "agent_plan"
"""Approvals of whole plans."""
_TITLES: dict[str, dict[Language, str]] = {
    "event": {"en": "Create an event: {}", "de": "Termin anlegen: {}"},
    "reminder": {"en": "Create a reminder: {}", "de": "Erinnerung anlegen: {}"},
}


class Action(msgspec.Struct, frozen=True):
    """The payload of an `agent_action`."""

    command: Command


class Effects:
    """Prepares what changes something.

    Args:
        catalog: The system commands.
        zone: The zone in which times are told.
    """

    def __init__(self, catalog: CatalogService, zone: ZoneInfo) -> None:
        self._catalog = catalog
        self._zone = zone

    async def prepare(self, caller: Caller, command: Command) -> NewApproval | None:
        """What is to be approved; None: the command may be carried out without.

        Raises:
            ValidationFailed: it breaks rules.
            ServiceUnavailable: nothing here can do it.
        """
        match command:
            case CreateCalendarEvent():
                if command.end <= command.start:
                    raise ValidationFailed([{"field": "end", "error": "must be after start"}])
                title = _TITLES["event"][caller.language].format(self._event(command))
                return NewApproval(AGENT_ACTION, title, Action(command))
            case CreateReminder():
                said = f"“{one_line(command.title, 200)}”, {self._moment(command.remind_at)}"
                title = _TITLES["reminder"][caller.language].format(said)
                return NewApproval(AGENT_ACTION, title, Action(command))
            case RunCatalogCommand():
                return await self._system_command(caller, command)
            case _:
                raise ServiceUnavailable("This command is not available here")

    async def run(self, caller: Caller, command: RunCatalogCommand) -> Execution:
        """Carry out a system command that needs no approval.

        Raises:
            PiSovereignError: it could not be.
        """
        done = await self._catalog.execute(caller.identity, command.catalog_id, command.arguments)
        if not isinstance(done, Execution):
            raise ServiceUnavailable("This command needs an approval by now")
        return done

    async def _system_command(
        self, caller: Caller, command: RunCatalogCommand
    ) -> NewApproval | None:
        try:
            run, line, asks = await self._catalog.prepare(
                caller.identity, command.catalog_id, command.arguments
            )
        except NotFound:
            error = "is not a command of the catalog"
            raise ValidationFailed([{"field": "catalog_id", "error": error}]) from None
        return NewApproval(CATALOG_COMMAND, line, run) if asks else None

    def _event(self, event: CreateCalendarEvent) -> str:
        where = f", {one_line(event.location, 200)}" if event.location else ""
        times = f"{self._moment(event.start)} – {self._moment(event.end)}"
        return f"“{one_line(event.title, 200)}”, {times}{where}"

    def _moment(self, moment: dt.datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M}"


class Calendar(Protocol):
    """Where events are put."""

    async def create(self, user: UUID, event: CreateCalendarEvent, uid: str) -> Any:
        """Put an event into the calendar; with a `uid` that is there already nothing happens."""
        ...


class ActionExecutor:
    """Carries out what was approved."""

    limit_s = 60.0

    def __init__(self, reminders: Reminders, calendar: CalendarSource) -> None:
        self._reminders = reminders
        self._calendar = calendar

    async def carry_out(self, approved: Approved) -> Any:
        """Do it; called once at most."""
        command = msgspec.json.decode(approved.payload, type=Action).command
        match command:
            case CreateCalendarEvent():
                return await self._calendar.create(approved.user, command, str(approved.id))
            case CreateReminder():
                new = {"title": command.title, "remind_at": command.remind_at}
                return await self._reminders.create(approved.user, validate(new, NewReminder))
            case _:
                raise ServiceUnavailable("This command is not available here")


class PlanExecutor:
    """A plan that was approved: it is the task that goes on, nothing happens here."""

    limit_s = 5.0

    async def carry_out(self, approved: Approved) -> Any:
        """Say that the task may go on."""
        return {"approved": True}


def told(approval: Approval) -> str:
    """What came of an approval that was carried out, beside its title; empty: nothing to tell."""
    if approval.kind != CATALOG_COMMAND:
        return ""
    return output_of(msgspec.convert(msgspec.to_builtins(approval.result), Execution))


def output_of(done: Execution) -> str:
    """What a system command said, and how it ended if not well."""
    ended = "" if done.status == "completed" else f"[{done.status}, exit code {done.exit_code}]"
    return "\n".join(part for part in (done.stdout.strip(), done.stderr.strip(), ended) if part)
