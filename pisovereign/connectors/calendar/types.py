"""Calendar events, changes of them, and the protocol of a calendar."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    # It takes libraries of 20 MB, which whoever shows events does not need.
    from pisovereign.connectors.ical.occurrences import Occurrence


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
    """An event that is to be created."""

    @property
    def title(self) -> str:
        """Return what it is."""
        ...

    @property
    def start(self) -> dt.datetime:
        """Return when it begins; aware."""
        ...

    @property
    def end(self) -> dt.datetime:
        """Return the first moment after it; aware."""
        ...

    @property
    def location(self) -> str | None:
        """Return where it is."""
        ...


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; None: as it is. Without `end` the event keeps its length.

    `mark` is written into the event: whoever finds it there knows that this change was made.
    """

    mark: str
    at: dt.datetime
    title: str | None = None
    location: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None


class EventChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that is ready to be made, with the event before and after it.

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
    """The calendars of a user."""

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Return every occurrence that touches [start, end), in order of time."""
        ...

    def require(self, user: UUID, event: NewEvent) -> None:
        """Check at once what `create` would refuse.

        Raises:
            NotConfigured: this user has no calendar here.
            ValidationFailed: the event cannot be.
        """
        ...

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Create an event; with a `uid` that is there already nothing happens."""
        ...


def event_of(found: Occurrence, zone: ZoneInfo, calendar: str, name: str | None) -> CalendarEvent:
    """Return an occurrence in the user's zone; `name` is its id, for what can be changed."""
    return CalendarEvent(
        time=None if found.all_day else time_of_day(found.start, zone),
        title=found.title,
        start=found.start,
        end=found.end,
        all_day=found.all_day,
        location=found.location,
        calendar=calendar,
        id=name,
    )


def time_of_day(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """Return the time of day in a zone, such as `09:00`."""
    return moment.astimezone(zone).strftime("%H:%M")
