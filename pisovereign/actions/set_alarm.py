"""Ringing at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pisovereign.actions.command import Command
from pisovereign.actions.fields import Label, Moment
from pisovereign.actions.intent import CommandSlots, Handling, Intent
from pisovereign.actions.messages import quote
from pisovereign.actions.new_reminder import NewReminderAction, first_time
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import moment, mornings, offsets
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.expressions import Duration
from pisovereign.reminders.repeat import Repeat
from pisovereign.reminders.types import Reminder


class SetAlarm(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Ring at a time; with `repeat` again and again."""

    at: Moment
    label: Label | None = None
    repeat: Repeat | None = None


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    timed = request.has_clock or any(isinstance(e, Duration) for e in request.expressions)
    arguments = {
        "at": moment(request, mornings(offsets(request.expressions))) if timed else None,
        "label": wording.text("title"),
        "repeat": request.repeat,
    }
    return PartialCommand(SetAlarm, arguments, ("at",))


class SetAlarmAction(NewReminderAction[SetAlarm]):
    """Sets alarms, which are reminders that ring."""

    spec = ActionSpec(
        name="set_alarm",
        type=SetAlarm,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
        intents=(Intent("alarm", _read),),
        slots=CommandSlots(moment="at", text="label"),
        handling=Handling(makes="alarm"),
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
