"""Reminding of something at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pisovereign.actions.command import Command
from pisovereign.actions.fields import Moment, Title
from pisovereign.actions.intent import CommandSlots, Handling, Intent, ModelTool
from pisovereign.actions.messages import quote
from pisovereign.actions.new_reminder import NewReminderAction, first_time
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import WAKING, moment, mornings, offsets
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reminders.repeat import Repeat
from pisovereign.reminders.types import Reminder


class CreateReminder(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Remind of `title` at `remind_at`; with `repeat` again and again."""

    title: Title
    remind_at: Moment
    repeat: Repeat | None = None


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    expressions = offsets(request.expressions)
    if request.repeat is not None:  # at nine is every morning, however late it is today
        expressions = mornings(expressions, earliest=WAKING)
    arguments = {
        "title": wording.about("title"),
        "remind_at": moment(request, expressions),
        "repeat": request.repeat,
    }
    return PartialCommand(CreateReminder, arguments, ("title", "remind_at"))


def _read_again(wording: Wording) -> PartialCommand:
    return _read(wording)._replace(required=("title", "remind_at", "repeat"))


class CreateReminderAction(NewReminderAction[CreateReminder]):
    """Creates reminders."""

    spec = ActionSpec(
        name="create_reminder",
        type=CreateReminder,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
        intents=(Intent("reminder", _read), Intent("reminder_again", _read_again)),
        slots=CommandSlots(moment="remind_at", text="title"),
        handling=Handling(makes="reminder"),
        forms_deny=True,
        model=ModelTool(
            "Ask to create a reminder, only if the user wants to be reminded. "
            "The user has to approve it.",
            {
                "title": "What to be reminded of",
                "remind_at": "Local date and time, such as 2026-11-28T09:00",
                "repeat": "How often, if again and again",
            },
            timed=frozenset(("remind_at",)),
            everybodys=True,
        ),
    )
    kind = "create_reminder"

    def named(self, command: CreateReminder, messages: Messages) -> CreateReminder:
        """Return the command: it has a title."""
        return command

    def fields(self, command: CreateReminder, now: dt.datetime) -> dict[str, Any]:
        """Return the reminder."""
        return {
            "title": command.title,
            "remind_at": command.remind_at,
            "repeat": command.repeat,
        }

    def describe(self, result: Reminder, messages: Messages, clock: Clock) -> str:
        """Return that a reminder was created."""
        when = first_time(result, messages, clock)
        return messages.say("create_reminder", when=when, title=quote(result.title))
