"""Ringing after some time."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from pisovereign.actions.command import Command
from pisovereign.actions.durations import duration
from pisovereign.actions.fields import Label
from pisovereign.actions.intent import CommandSlots, Handling, Intent, ModelTool
from pisovereign.actions.messages import quote
from pisovereign.actions.new_reminder import NewReminderAction
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.requests import duration_of
from pisovereign.reminders.types import Reminder

Seconds = Annotated[int, Meta(ge=1, le=7 * 24 * 3600)]


class SetTimer(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Ring once `seconds` have passed."""

    seconds: Seconds
    label: Label | None = None


_MOST_SECONDS = 7 * 24 * 3600


def _read(wording: Wording) -> PartialCommand:
    length = duration_of(wording.request.expressions)
    seconds = round(length.total_seconds()) if length else 0
    arguments = {
        "seconds": seconds if 0 < seconds <= _MOST_SECONDS else None,
        "label": wording.text("title"),
    }
    return PartialCommand(SetTimer, arguments, ("seconds",))


class SetTimerAction(NewReminderAction[SetTimer]):
    """Starts timers, which are reminders that ring and count down."""

    spec = ActionSpec(
        name="set_timer",
        type=SetTimer,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
        intents=(Intent("timer", _read),),
        slots=CommandSlots(seconds="seconds", text="label"),
        handling=Handling(makes="timer"),
        model=ModelTool(
            "Ask to start a timer. The user has to approve it.",
            {"seconds": "How long, in seconds", "label": "What it is for"},
            timed=frozenset(("seconds",)),
            everybodys=True,
        ),
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
