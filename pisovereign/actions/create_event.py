"""Putting an event into the calendar."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.fields import Moment, Place, Title
from pisovereign.actions.messages import messages_in
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.integrations.calendar.types import CalendarEvent
from pisovereign.languages.messages import Clock, Messages
from pisovereign.untrusted_text import one_line

# Beyond the calendar's own limit, so that the calendar can say what happened.
_MARGIN_S = 10.0


class CreateCalendarEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Put an event into the calendar; a side effect."""

    title: Title
    start: Moment
    end: Moment
    location: Place | None = None


class CreateEventAction(ApprovedAction[CreateCalendarEvent]):
    """Puts events into the calendar once they were approved."""

    spec = ActionSpec(
        name="create_event",
        type=CreateCalendarEvent,
        result=None,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="always",
    )
    kind = "create_event"

    @property
    def limit_s(self) -> float:
        """The calendar's own limit, and some time beside it."""
        return self._backends.calendar_limit_s + _MARGIN_S

    async def prepare(self, caller: Caller, command: CreateCalendarEvent) -> NewApproval:
        """Return the event, with a title that holds all of it."""
        self._backends.calendar.require(caller.identity.user_id, command)
        clock = self._backends.clock(caller.identity.user_id)
        title = event_title(command, messages_in(caller.language), clock)
        return NewApproval(self.kind, title, command)

    async def carry_out(self, approved: Approved) -> CalendarEvent:
        """Create exactly the approved event; its id makes a repetition harmless."""
        event = msgspec.json.decode(approved.payload, type=CreateCalendarEvent)
        return await self._backends.calendar.create(approved.user, event, str(approved.id))


def event_title(event: CreateCalendarEvent, messages: Messages, clock: Clock) -> str:
    """Return what an approver reads of an event, in one line that holds all of it."""
    first, last = clock.date(event.start), clock.date(event.end)
    when = messages.say(
        "create_event.same_day" if first == last else "create_event.other_day",
        first=messages.full_date(first),
        start=messages.time(event.start, clock),
        last=messages.full_date(last),
        end=messages.time(event.end, clock),
    )
    place = f", {one_line(event.location)}" if event.location else ""
    return messages.say("create_event", title=one_line(event.title), when=when + place)
