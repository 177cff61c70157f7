"""Events, changes of them, and the calendars that hold them."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.errors import NotConfigured


class CalendarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of an event.

    `time` is its start in the user's zone ("09:00"), None when it takes whole days. `start` and
    `end` are in UTC; `end` is the first moment after it. `calendar` is the calendar's name. `id` is
    there when the event can be changed by it: it does not recur.
    """

    time: str | None
    title: str
    start: dt.datetime
    end: dt.datetime
    all_day: bool = False
    location: str | None = None
    calendar: str | None = None
    id: str | None = None


class NewEvent(Protocol):
    """An event that is to be put into a calendar."""

    @property
    def title(self) -> str:
        """What it is."""
        ...

    @property
    def start(self) -> dt.datetime:
        """When it begins; aware."""
        ...

    @property
    def end(self) -> dt.datetime:
        """The first moment after it; aware."""
        ...

    @property
    def location(self) -> str | None:
        """Where it is."""
        ...


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; None: as it is. Without `end` the event keeps its length.

    `mark` is written into the event: whoever finds it knows that this change was made.
    """

    mark: str
    at: dt.datetime
    title: str | None = None
    location: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None


class ChangeOfEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A change that is ready to be made, and what it makes of the event.

    `text` takes the place of the version with this tag; None: the event is deleted. `mark` is in
    the text, and nowhere else.
    """

    id: str
    calendar: str
    url: str
    etag: str
    mark: str
    before: CalendarEvent
    after: CalendarEvent | None = None
    text: str | None = None


class CalendarSource(Protocol):
    """A user's calendars."""

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Every occurrence that touches [start, end), in order of time."""
        ...

    def require(self, user: UUID, event: NewEvent) -> None:
        """Refuse at once what `create` would refuse.

        Raises:
            NotConfigured: this user has no calendar here.
            ValidationFailed: the event cannot be.
        """
        ...

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Put an event into the calendar; with a `uid` that is there already nothing happens."""
        ...


class NoCalendar:
    """A calendar that is not configured."""

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Say so."""
        raise NotConfigured("The calendar", "caldav.url")

    def require(self, user: UUID, event: NewEvent) -> None:
        """Say so."""
        raise NotConfigured("The calendar", "caldav.url")

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Say so."""
        raise NotConfigured("The calendar", "caldav.url")
