"""Moving an event that is named in words."""

from __future__ import annotations

from pisovereign.actions.change_event import EventPatch
from pisovereign.actions.command import Command
from pisovereign.actions.fields import EventId, Label, Moment
from pisovereign.actions.intent import ChosenBy, CommandSlots, Handling, Intent
from pisovereign.actions.named_events import DescribedEvent, EventSelection, NamedEventAction
from pisovereign.actions.spec import ActionSpec
from pisovereign.reading.moments import old_and_new
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.expressions import Clock, ClockRange, Offset, PartOfDay
from pisovereign.reading.times.resolution import event_time


class MoveCalendarEvent(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Move the event of words, an id, or a `day` to `start`; without `end` it stays as long."""

    start: Moment
    end: Moment | None = None
    about: Label | None = None
    event_id: EventId | None = None
    day: Moment | None = None


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    old, new = old_and_new(wording)
    when = event_time(new, request.at, request.hint) if new and request.is_possible else None
    day = event_time(old, request.at, request.hint) if old else None
    timed = any(isinstance(e, Clock | ClockRange | Offset | PartOfDay) for e in new)
    arguments = {
        "start": when.start if when and not when.is_past else None,
        "end": when.end if when and any(isinstance(e, ClockRange) for e in new) else None,
        "about": wording.about("about"),
        "day": day.start if day and timed else None,
    }
    return PartialCommand(MoveCalendarEvent, arguments, ("start",))


class MoveEventAction(NamedEventAction[MoveCalendarEvent]):
    """Moves an event."""

    spec = ActionSpec(
        name="move_event",
        type=MoveCalendarEvent,
        result=EventSelection,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
        intents=(Intent("move_event", _read),),
        undoes=True,
        slots=CommandSlots(moment="start", end="end", text="about"),
        handling=Handling(makes="event", moves=("event",), by="event_id", day="day"),
        chosen_by=ChosenBy("event_id"),
    )
    kind = "move_event"

    def described(self, command: MoveCalendarEvent) -> DescribedEvent:
        """Return which event is meant."""
        return DescribedEvent(about=command.about, event_id=command.event_id, start=command.day)

    def patch(self, command: MoveCalendarEvent) -> EventPatch:
        """Return its new time; without an end it stays as long as it is."""
        return EventPatch(start=command.start, end=command.end)

    def inverse(self, result: EventSelection) -> MoveCalendarEvent | None:
        """Return what moves it back."""
        event, before = result.event, result.before
        if event is None or before is None or before.all_day:
            return None
        return MoveCalendarEvent(event_id=event.id, start=before.start, end=before.end)
