"""What the calendar routes take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from pisovereign.integrations.calendar.types import CalendarEvent
from pisovereign.validation import no_nul, not_blank

Title = Annotated[str, Meta(min_length=1, max_length=500, extra={"rules": (not_blank, no_nul)})]
Place = Annotated[str, Meta(max_length=200, extra={"rules": (no_nul,)})]
Moment = Annotated[dt.datetime, Meta(tz=True)]


class EventPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/calendar/events/{id}`: what is to be different.

    With a `start` alone the event keeps its length; an empty `location` removes it.
    """

    title: Title | None = None
    start: Moment | None = None
    end: Moment | None = None
    location: Place | None = None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a change: the event as it is now; None: it is deleted."""

    calendar: str
    event: CalendarEvent | None


class PendingChange(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: it waits for an approval."""

    approval_id: UUID
    expires_at: dt.datetime
    before: CalendarEvent
    after: CalendarEvent | None
    status: Literal["pending_approval"] = "pending_approval"
