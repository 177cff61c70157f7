"""Ringing at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pisovereign.actions.fields import Label, Moment
from pisovereign.actions.messages import quote
from pisovereign.actions.new_reminder import NewReminderAction, first_time
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.repeat import Repeat
from pisovereign.reminders.types import Reminder


class SetAlarm(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Ring at a time; with `repeat` again and again."""

    at: Moment
    label: Label | None = None
    repeat: Repeat | None = None


class SetAlarmAction(NewReminderAction[SetAlarm]):
    """Sets alarms, which are reminders that ring."""

    spec = ActionSpec(
        name="set_alarm",
        type=SetAlarm,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
    )
    kind = "set_alarm"
    time_field = "at"

    def named(self, command: SetAlarm, messages: Messages) -> SetAlarm:
        """Return the command with a label."""
        label = command.label or messages.say("alarm")
        return msgspec.structs.replace(command, label=label)

    def fields(self, command: SetAlarm, now: dt.datetime) -> dict[str, Any]:
        """Return the alarm."""
        return {
            "kind": "alarm",
            "title": command.label,
            "remind_at": command.at,
            "repeat": command.repeat,
        }

    def describe(self, result: Reminder, messages: Messages, clock: Clock) -> str:
        """Return when it rings."""
        when = first_time(result, messages, clock)
        if result.title == messages.say("alarm"):
            return messages.say("set_alarm", when=when)
        return messages.say("set_alarm.named", when=when, title=quote(result.title))
