"""Commands are checked and carried out here, wherever they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pisovereign.commands import registry
from pisovereign.commands.briefing import brief
from pisovereign.commands.caller import Caller
from pisovereign.commands.readings import Readings
from pisovereign.commands.results import Completed, HelpEntry, HelpList, ReminderList, Result
from pisovereign.commands.sources import Language, Reminders
from pisovereign.commands.types import (
    Command,
    CreateReminder,
    CurrentWeather,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
    in_utc,
)
from pisovereign.commands.wording.speaker import tell
from pisovereign.commands.wording.words import Clock
from pisovereign.errors import ServiceUnavailable, ValidationFailed
from pisovereign.reminders.types import ListQuery, NewReminder
from pisovereign.validation import check, validate

OFFERED = (
    MorningBriefing,
    CurrentWeather,
    ListCalendarEvents,
    EmailSummary,
    Help,
    ListReminders,
    CreateReminder,
)
# A source keeps to limits of its own; this one holds when it does not.
SOURCE_LIMIT_S = 60.0


class CommandService:
    """Every command, by its name or as the parser gives it.

    Args:
        readings: The sources.
        reminders: The reminders.
        briefing_limit_s: How long a briefing waits for each source.
    """

    def __init__(
        self, readings: Readings, reminders: Reminders, *, briefing_limit_s: float
    ) -> None:
        self._readings = readings
        self._reminders = reminders
        self._briefing_limit = briefing_limit_s
        self.offered = tuple(spec for spec in registry.COMMANDS if spec.type in OFFERED)

    def command(self, name: str, args: object) -> Command:
        """The command with a name and its arguments; its times are in UTC.

        Raises:
            ValidationFailed: there is no such command, or arguments break rules; names each.
        """
        return _checked(name, args, self.offered)

    def checked(self, name: str, args: object) -> Command:
        """The same for every command there is, whether or not it can be carried out from here."""
        return _checked(name, args, registry.COMMANDS)

    def offers(self, command: Command) -> bool:
        """Whether this command can be carried out here."""
        return registry.spec_of(command) in self.offered

    async def run(self, caller: Caller, command: Command) -> Completed:
        """Carry a command out.

        Raises:
            NotConfigured: its source is not set up.
            UpstreamError: its source fails.
            ValidationFailed: an argument that the source refuses.
        """
        result = await self._result(caller, command)
        now = dt.datetime.now(dt.UTC)
        return Completed(
            command=registry.spec_of(command).type_name,
            result=result,
            text=tell(result, caller.language, Clock(now, self._readings.zone)),
            executed_at=now,
        )

    async def _result(self, caller: Caller, command: Command) -> Result:
        readings = self._readings
        match command:
            case MorningBriefing():
                return await brief(readings, caller, self._briefing_limit)
            case CurrentWeather():
                return await readings.weather(caller, command.location, SOURCE_LIMIT_S)
            case ListCalendarEvents():
                return await readings.events(caller, command.days, command.start, SOURCE_LIMIT_S)
            case EmailSummary():
                return await readings.mail(caller, command.count, SOURCE_LIMIT_S)
            case Help():
                return self.help(caller.language)
            case ListReminders():
                return await self._open_reminders(caller)
            case CreateReminder():
                new = {"title": command.title, "remind_at": command.remind_at}
                return await self._reminders.create(
                    caller.identity.user_id, validate(new, NewReminder)
                )
            case _:
                raise ServiceUnavailable("This command is not available here")

    async def _open_reminders(self, caller: Caller) -> ReminderList:
        query = ListQuery(status="open")
        listed, total = await self._reminders.page(caller.identity.user_id, query)
        return ReminderList(reminders=listed, total=total)

    def help(self, language: Language) -> HelpList:
        """Every command that is offered."""
        return HelpList(
            commands=[
                HelpEntry(
                    name=spec.name,
                    type=spec.type_name,
                    description=spec.descriptions[language],
                    example=spec.examples[language],
                    arguments=spec.arguments(),
                    sources=spec.sources,
                    side_effects=spec.side_effects,
                    approval=spec.approval,
                )
                for spec in self.offered
            ]
        )


def _checked(name: str, args: object, among: Sequence[registry.CommandSpec]) -> Command:
    spec = registry.find(name, among)
    command, errors = check({} if args is None else args, spec.type, "args")
    if command is None:
        raise ValidationFailed(errors)
    return in_utc(command)
