"""Putting an event into the calendar."""

from __future__ import annotations

from uuid import UUID, uuid4

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.event_commands import CreateCalendarEvent, DeleteCalendarEvent
from pisovereign.actions.intent import CommandSlots, Handling, Intent, ModelTool
from pisovereign.actions.messages import messages_in
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.calendar.types import CalendarEvent, NewEvent
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.resolution import ResolvedTime, event_time
from pisovereign.text.untrusted import one_line

# Beyond the calendar's own limit, so that the calendar can say what happened.
_MARGIN_S = 10.0


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    when: ResolvedTime | None = None
    if request.is_possible and request.expressions:
        when = event_time(request.expressions, request.at, request.hint)
    known = when is not None and not when.is_past
    # Nothing says in a calendar entry that it comes again: it is asked for once, with its time.
    start = when.start if when and known and request.repeat is None else None
    end = when.end if when and start else None
    arguments = {"title": wording.about("title"), "start": start, "end": end}
    return PartialCommand(CreateCalendarEvent, arguments, ("title", "start"))


class CreateEventAction(
    DirectAction[CreateCalendarEvent, CalendarEvent], ApprovedAction[CreateCalendarEvent]
):
    """Puts events into the calendar: of a server once they were approved.

    Into that of the program a person puts them at once, who can delete them again.
    """

    spec = ActionSpec(
        name="create_event",
        type=CreateCalendarEvent,
        result=CalendarEvent,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
        echoes=True,
        intents=(Intent("event", _read),),
        slots=CommandSlots(moment="start", end="end", text="title", place="location"),
        handling=Handling(makes="event"),
        model=ModelTool(
            "Ask to put an event into the user's calendar. The user has to approve it.",
            {
                "title": "What it is",
                "start": "Local date and time, such as 2026-11-28T14:00",
                "end": "Local date and time; one hour after the start if the user does not say",
                "location": "Where it is",
            },
            timed=frozenset(("start", "end")),
            everybodys=True,
        ),
    )
    kind = "create_event"

    @property
    def limit_s(self) -> float:
        """The calendar's own limit, and some time beside it."""
        return self._backends.calendar_limit_s + _MARGIN_S

    def check(self, user: UUID, command: CreateCalendarEvent) -> None:
        """Require a calendar that takes the event."""
        self._backends.calendar.require(user, command)

    def is_done_at_once(self, user: UUID, command: CreateCalendarEvent) -> bool:
        """Return whether the program keeps the calendar itself."""
        return self._backends.keeps_calendar(user)

    async def ask(self, caller: Caller, command: CreateCalendarEvent) -> NewApproval | None:
        """Return the event, with a title that holds all of it."""
        clock = self._backends.clock(caller.identity.user_id)
        title = event_title(command, messages_in(caller.language), clock)
        return NewApproval(self.kind, title, command)

    async def run(self, caller: Caller, command: CreateCalendarEvent) -> CalendarEvent:
        """Put the event into the calendar; a request that is repeated does nothing more."""
        uid = str(caller.approval or uuid4())
        return await self._backends.calendar.create(caller.identity.user_id, command, uid)

    def describe(self, result: CalendarEvent, messages: Messages, clock: Clock) -> str:
        """Return what was put into the calendar."""
        return event_title(result, messages, clock, "create_event.done")

    def inverse(self, result: CalendarEvent) -> DeleteCalendarEvent | None:
        """Return what deletes it again."""
        return None if result.id is None else DeleteCalendarEvent(event_id=result.id)

    async def carry_out(self, approved: Approved) -> CalendarEvent:
        """Create exactly the approved event; its id makes a repetition harmless."""
        event = msgspec.json.decode(approved.payload, type=CreateCalendarEvent)
        return await self._backends.calendar.create(approved.user, event, str(approved.id))


def event_title(
    event: NewEvent, messages: Messages, clock: Clock, key: str = "create_event"
) -> str:
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
    return messages.say(key, title=one_line(event.title), when=when + place)
