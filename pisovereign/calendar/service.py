"""Changes of events are shown first, and wait for an approval."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.calendar.executor import CHANGE
from pisovereign.calendar.types import EventPatch, PendingChange
from pisovereign.errors import NotConfigured, ValidationFailed
from pisovereign.integrations.calendar.types import CalendarEvent, ChangeOfEvent, Edit


class Calendar(Protocol):
    """What can say what a change would do."""

    async def prepare(
        self, user: UUID, event: str, edit: Edit, *, delete: bool = False
    ) -> ChangeOfEvent:
        """The change, ready to be made; see `CalDavCalendar`."""


class CalendarService:
    """Asks for approvals of changes.

    Args:
        calendar: The calendars; None: not configured.
        approvals: What waits for a person.
        zone: The user's time zone.
    """

    def __init__(
        self, calendar: Calendar | None, approvals: ApprovalService, zone: ZoneInfo
    ) -> None:
        self._calendar = calendar
        self._approvals = approvals
        self._zone = zone

    async def patch(self, identity: Identity, event_id: str, patch: EventPatch) -> PendingChange:
        """Ask for an event to be changed.

        Raises:
            NotConfigured: no calendar is set up, or it is somebody else's.
            NotFound: there is no such event.
            ValidationFailed: nothing is to be different, or the event cannot be changed so.
            UpstreamError: the calendar cannot be read.
        """
        if patch == EventPatch():
            raise ValidationFailed([{"field": "body", "error": "must name what is to change"}])
        return await self._ask(identity, event_id, patch)

    async def delete(self, identity: Identity, event_id: str) -> PendingChange:
        """Ask for an event to be deleted.

        Raises:
            NotConfigured, NotFound, ValidationFailed, UpstreamError: as `patch`.
        """
        return await self._ask(identity, event_id, None)

    async def _ask(
        self, identity: Identity, event_id: str, patch: EventPatch | None
    ) -> PendingChange:
        if self._calendar is None:
            raise NotConfigured("The calendar", "caldav.url")
        wanted = patch or EventPatch()
        edit = Edit(
            mark=str(uuid4()),
            at=dt.datetime.now(dt.UTC).replace(microsecond=0),
            title=wanted.title,
            location=wanted.location,
            start=wanted.start,
            end=wanted.end,
        )
        change = await self._calendar.prepare(
            identity.user_id, event_id, edit, delete=patch is None
        )
        approval = await self._approvals.request(identity, CHANGE, self._title(change), change)
        return PendingChange(
            approval_id=approval.id,
            expires_at=approval.expires_at,
            before=change.before,
            after=change.after,
        )

    def _title(self, change: ChangeOfEvent) -> str:
        before = self._words(change.before)
        if change.after is None:
            return f"In {change.calendar}, delete {before}"
        return f"In {change.calendar}, change {before} to {self._words(change.after)}"

    def _words(self, event: CalendarEvent) -> str:
        start, end = (moment.astimezone(self._zone) for moment in (event.start, event.end))
        if event.all_day:
            when = f"{start:%Y-%m-%d}, whole day"
        else:
            last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
            when = f"{start:%Y-%m-%d %H:%M}-{last}"
        place = f", {event.location}" if event.location else ""
        return f"{event.title} ({when}{place})"
