"""Changing an event, or deleting it: on a server both are shown first, and wait for an approval."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.backends import EventEditor
from pisovereign.actions.caller import Caller
from pisovereign.actions.fields import Moment, Title
from pisovereign.actions.messages import messages_in
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.calendar.types import CalendarEvent, Edit, EventChange
from pisovereign.errors import NotConfigured, ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.own_calendar.names import own_id
from pisovereign.validation import no_nul

# An empty place removes it.
Place = Annotated[str, Meta(max_length=200, extra={"rules": (no_nul,)})]
# Above the longest `caldav.timeout_s`: the calendar keeps to its own limit.
_LIMIT_S = 150.0


class EventPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/calendar/events/{id}`: what is to be different.

    With a `start` alone the event keeps its length; an empty `location` removes it.
    """

    title: Title | None = None
    start: Moment | None = None
    end: Moment | None = None
    location: Place | None = None


class ChangeEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Change the event with this id; without `patch`, delete it."""

    event_id: str
    patch: EventPatch | None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a change: the event as it is now, None if it is deleted, and as it was."""

    calendar: str
    event: CalendarEvent | None
    before: CalendarEvent | None = None


class PendingChange(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: it waits for an approval."""

    approval_id: UUID
    expires_at: dt.datetime
    before: CalendarEvent
    after: CalendarEvent | None
    status: Literal["pending_approval"] = "pending_approval"


class ChangeEventAction(DirectAction[ChangeEvent, Changed], ApprovedAction[ChangeEvent]):
    """Changes and deletes events; the payload of an approval is a `EventChange`."""

    spec = ActionSpec(
        name="change_event",
        type=ChangeEvent,
        result=Changed,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
        clients=frozenset(),
    )
    kind = "calendar_change"
    limit_s = _LIMIT_S

    @property
    def is_available(self) -> bool:
        """Whether a calendar is configured."""
        return self._backends.event_editor is not None

    def check(self, user: UUID, command: ChangeEvent) -> None:
        """Refuse to change nothing.

        Raises:
            ValidationFailed: Nothing is to be different.
        """
        if command.patch == EventPatch():
            raise ValidationFailed([{"field": "body", "error": "must name what is to change"}])

    def is_done_at_once(self, user: UUID, command: ChangeEvent) -> bool:
        """Return whether the event is kept in the program."""
        return own_id(command.event_id) is not None

    async def ask(self, caller: Caller, command: ChangeEvent) -> NewApproval | None:
        """Return the change, with what the event is now and would be.

        Raises:
            NotConfigured: No calendar is set up, or it is somebody else's.
            NotFound: There is no such event.
            ValidationFailed: The event cannot be changed so.
            UpstreamError: The calendar cannot be read.
        """
        change = await self._prepared(caller, command)
        zone = self._backends.zones(caller.identity.user_id)
        title = _title(change, zone, messages_in(caller.language))
        return NewApproval(self.kind, title, change)

    async def run(self, caller: Caller, command: ChangeEvent) -> Changed:
        """Make the change at once, as it may be for an event that is kept in the program."""
        change = await self._prepared(caller, command)
        name = await self._editor().change(caller.identity.user_id, change)
        return Changed(calendar=name, event=change.after, before=change.before)

    def describe(self, result: Changed, messages: Messages, clock: Clock) -> str:
        """Return what the event is now."""
        zone = clock.zone
        if result.event is not None:
            event = _in_words(result.event, zone, messages)
            return messages.say("change_event.changed", event=event)
        assert result.before is not None
        event = _in_words(result.before, zone, messages)
        return messages.say("change_event.deleted", event=event)

    async def _prepared(self, caller: Caller, command: ChangeEvent) -> EventChange:
        editor, patch = self._editor(), command.patch or EventPatch()
        edit = Edit(
            mark=str(uuid4()),
            at=dt.datetime.now(dt.UTC).replace(microsecond=0),
            title=patch.title,
            location=patch.location,
            start=patch.start,
            end=patch.end,
        )
        return await editor.prepare(
            caller.identity.user_id, command.event_id, edit, delete=command.patch is None
        )

    async def carry_out(self, approved: Approved) -> Changed:
        """Make exactly the change that was shown; one that is made already stays made."""
        change = msgspec.json.decode(approved.payload, type=EventChange)
        name = await self._editor().change(approved.user, change)
        return Changed(calendar=name, event=change.after)

    def _editor(self) -> EventEditor:
        if self._backends.event_editor is None:
            raise NotConfigured("The calendar", "caldav.url")
        return self._backends.event_editor


def _title(change: EventChange, zone: ZoneInfo, messages: Messages) -> str:
    names = {"calendar": change.calendar, "before": _in_words(change.before, zone, messages)}
    if change.after is None:
        return messages.say("change_event.delete", **names)
    after = _in_words(change.after, zone, messages)
    return messages.say("change_event.change", after=after, **names)


def _in_words(event: CalendarEvent, zone: ZoneInfo, messages: Messages) -> str:
    start, end = (moment.astimezone(zone) for moment in (event.start, event.end))
    if event.all_day:
        when = messages.say("change_event.whole_day", day=f"{start:%Y-%m-%d}")
    else:
        last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        when = f"{start:%Y-%m-%d %H:%M}-{last}"
    place = f", {event.location}" if event.location else ""
    return f"{event.title} ({when}{place})"
