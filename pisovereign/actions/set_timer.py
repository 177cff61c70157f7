"""Ringing after some time."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from pisovereign.actions.durations import duration
from pisovereign.actions.fields import Label
from pisovereign.actions.messages import quote
from pisovereign.actions.new_reminder import NewReminderAction
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.types import Reminder

Seconds = Annotated[int, Meta(ge=1, le=7 * 24 * 3600)]


class SetTimer(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Ring once `seconds` have passed."""

    seconds: Seconds
    label: Label | None = None


class SetTimerAction(NewReminderAction[SetTimer]):
    """Starts timers, which are reminders that ring and count down."""

    spec = ActionSpec(
        name="set_timer",
        type=SetTimer,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
    )
    kind = "set_timer"
    time_field = "seconds"

    def named(self, command: SetTimer, messages: Messages) -> SetTimer:
        """Return the command with a label."""
        label = command.label or messages.say("timer")
        return msgspec.structs.replace(command, label=label)

    def fields(self, command: SetTimer, now: dt.datetime) -> dict[str, Any]:
        """Return the timer: it runs from now on, or from when it is approved."""
        ends = now + dt.timedelta(seconds=command.seconds)
        return {"kind": "timer", "title": command.label, "remind_at": ends}

    def describe(self, result: Reminder, messages: Messages, clock: Clock) -> str:
        """Return how long it runs, and until when."""
        runs = round((result.remind_at - result.created_at).total_seconds())
        until = clock.time(result.remind_at)
        if clock.days_ahead(result.remind_at) != 0:
            until = messages.moment(result.remind_at, clock)
        values = {"duration": duration(runs, messages), "time": until}
        if result.title == messages.say("timer"):
            return messages.say("set_timer", **values)
        return messages.say("set_timer.named", title=quote(result.title), **values)
