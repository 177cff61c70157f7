"""Reminding of something at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pisovereign.actions.fields import Moment, Title
from pisovereign.actions.messages import quote
from pisovereign.actions.new_reminder import NewReminderAction, first_time
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.repeat import Repeat
from pisovereign.reminders.types import Reminder


class CreateReminder(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Remind of `title` at `remind_at`; with `repeat` again and again."""

    title: Title
    remind_at: Moment
    repeat: Repeat | None = None


class CreateReminderAction(NewReminderAction[CreateReminder]):
    """Creates reminders."""

    spec = ActionSpec(
        name="create_reminder",
        type=CreateReminder,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
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
