"""Types of the reminder routes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.notifications.types import Delivery
from pisovereign.reminders.repeat import Repeat
from pisovereign.validation import no_nul, not_blank

# No person plans further, and no time zone leads out of the database's range.
FURTHEST = dt.timedelta(days=36_525)
LATE = dt.timedelta(minutes=1)

State = Literal["scheduled", "due", "done"]
Kind = Literal["reminder", "alarm", "timer"]


def remind_at_rule(value: dt.datetime) -> str | None:
    """Refuse the past, but for what a request takes to arrive, and what is out of range."""
    now = dt.datetime.now(dt.UTC)
    if value < now - LATE:
        return "must be in the future"
    return "must be within the next 100 years" if value > now + FURTHEST else None


Title = Annotated[str, Meta(min_length=1, max_length=500, extra={"rules": (not_blank, no_nul)})]
RemindAt = Annotated[dt.datetime, Meta(tz=True, extra={"rules": (remind_at_rule,)})]


class NewReminder(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/reminders`.

    With `repeat` it comes again, and first at the first time from `remind_at` on that fits. Without
    `sound` alarms and timers ring, reminders do not.
    """

    title: Title
    remind_at: RemindAt
    kind: Kind = "reminder"
    repeat: Repeat | None = None
    sound: bool | None = None


class ReminderPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/reminders/{id}`: what is to be different.

    A series is counted from the new time on.
    """

    title: Title | None = None
    remind_at: RemindAt | None = None
    sound: bool | None = None


class Snooze(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/reminders/{id}/snooze`; without minutes: as configured."""

    minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/reminders`; `open` are those that are not done.

    `start` and `end` bound their times: from the one on, before the other.
    """

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] = 0
    status: Literal["open", "scheduled", "due", "done"] | None = None
    kind: Kind | None = None
    start: Annotated[dt.datetime, Meta(tz=True)] | None = None
    end: Annotated[dt.datetime, Meta(tz=True)] | None = None


class ReminderSettled(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a reminder which was due is not any more."""

    id: UUID
    status: State | Literal["deleted"]


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder, as every route and event shows it.

    `due_at` is when it last became due, None before. `snoozes_left` says how often it can still be
    put off. `deliveries` are the messages that it was last told with, beside the event. `error` is
    there when the stored title cannot be opened, which is empty then.

    `sound` says whether a page should ring. `remaining_s` are the seconds that a timer still runs.
    Those of a series, which `repeat`, share its `series_id`; the next one is there as soon as one
    is due.
    """

    id: UUID
    kind: Kind = "reminder"
    title: str
    status: State
    remind_at: dt.datetime
    due_at: dt.datetime | None
    snoozes: int
    snoozes_left: int
    sound: bool = False
    repeat: Repeat | None = None
    series_id: UUID | None = None
    remaining_s: int | None = None
    deliveries: list[Delivery] = msgspec.field(default_factory=list)
    created_at: dt.datetime
    updated_at: dt.datetime
    error: str | UnsetType = UNSET
