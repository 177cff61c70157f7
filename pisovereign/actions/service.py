"""Commands are checked and carried out here, wherever they come from."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from typing import assert_never

from pisovereign.actions import registry
from pisovereign.actions.briefing import brief
from pisovereign.actions.caller import Caller
from pisovereign.actions.changes import Actions, Asked
from pisovereign.actions.messages.speaker import tell, tell_pending
from pisovereign.actions.messages.words import Clock
from pisovereign.actions.metrics import CommandMetrics
from pisovereign.actions.queries import Readings
from pisovereign.actions.results import Completed, Pending, Result, help_list
from pisovereign.actions.types import (
    Command,
    CreateCalendarEvent,
    CreateReminder,
    CurrentWeather,
    DraftEmail,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
    RunCatalogCommand,
    SendEmail,
    in_utc,
)
from pisovereign.approvals.types import NewApproval
from pisovereign.catalog.types import Execution
from pisovereign.errors import ValidationFailed
from pisovereign.telemetry.outcome import Outcome
from pisovereign.validation import check

# A source keeps to limits of its own; this one holds when it does not.
SOURCE_LIMIT_S = 60.0


class CommandService:
    """Every command, by its name or as the parser gives it.

    Args:
        readings: What commands read.
        actions: What they change.
        briefing_limit_s: How long a briefing waits for each source.
        meter: Counts each command.
    """

    def __init__(
        self,
        readings: Readings,
        actions: Actions,
        *,
        briefing_limit_s: float,
        meter: CommandMetrics | None = None,
    ) -> None:
        self._readings = readings
        self._actions = actions
        self._briefing_limit = briefing_limit_s
        self._meter = meter or CommandMetrics()

    def command(self, name: str, args: object) -> Command:
        """The command with a name and its arguments; its times are in UTC.

        Raises:
            ValidationFailed: there is no such command, or arguments break rules; names each.
        """
        command, errors = check({} if args is None else args, registry.find(name).type, "args")
        if command is None:
            raise ValidationFailed(errors)
        return in_utc(command)

    async def run(self, caller: Caller, command: Command) -> Completed | Pending:
        """Carry a command out, or ask for the approval that it needs.

        Raises:
            NotConfigured: its source is not set up.
            UpstreamError: its source fails.
            ValidationFailed: an argument that the source refuses.
            Conflict: too many approvals are pending.
        """
        with self.counted(command) as outcome:
            told = await self.run_counted(caller, command)
            outcome.status = told.status
        return told

    def counted(self, command: Command) -> AbstractContextManager[Outcome]:
        """Count a command that is carried out or asked for inside."""
        return self._meter.command(registry.spec_of(command).type_name)

    async def run_counted(self, caller: Caller, command: Command) -> Completed | Pending:
        """As `run`, for who counts it already."""
        kind = registry.spec_of(command).type_name
        clock = Clock(dt.datetime.now(dt.UTC), self._readings.zone)
        new = await self._actions.prepare(caller, command, clock)
        done = await (self._actions.ask(caller, new) if new else self._do(caller, command))
        if isinstance(done, Asked):
            return Pending(
                command=kind,
                approval_id=done.approval_id,
                expires_at=done.expires_at,
                title=done.title,
                text=tell_pending(done.title, done.expires_at, caller.language, clock),
            )
        return Completed(
            command=kind,
            status=done.status if isinstance(done, Execution) else "completed",
            result=done,
            text=tell(done, caller.language, clock),
            executed_at=dt.datetime.now(dt.UTC),
        )

    async def prepare(self, caller: Caller, command: Command) -> NewApproval | None:
        """What has to be approved before a command is carried out; None: nothing.

        Raises:
            NotConfigured: its source is not set up.
            UpstreamError: its source fails.
            ValidationFailed: an argument that the source refuses.
        """
        clock = Clock(dt.datetime.now(dt.UTC), self._readings.zone)
        return await self._actions.prepare(caller, command, clock)

    async def _do(self, caller: Caller, command: Command) -> Result:
        readings, actions = self._readings, self._actions
        match command:
            case MorningBriefing():
                return await brief(readings, caller, self._briefing_limit)
            case CurrentWeather():
                return await readings.weather(caller, command.location, SOURCE_LIMIT_S)
            case ListCalendarEvents():
                return await readings.events(caller, command.days, command.start, SOURCE_LIMIT_S)
            case EmailSummary():
                return await readings.mail(caller, command.count, SOURCE_LIMIT_S)
            case ListReminders():
                return await readings.reminders(caller)
            case Help():
                return help_list(caller.language)
            case CreateReminder():
                return await actions.remind(caller, command)
            case CreateCalendarEvent() | SendEmail() | DraftEmail():
                raise AssertionError("these are asked for")
            case RunCatalogCommand():
                return await actions.run(caller, command)
            case _:
                assert_never(command)
