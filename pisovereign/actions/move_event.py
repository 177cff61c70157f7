"""Moving an event that is named in words."""

from __future__ import annotations

import msgspec

from pisovereign.actions.change_event import EventPatch
from pisovereign.actions.fields import EventId, Label, Moment
from pisovereign.actions.named_events import DescribedEvent, EventSelection, NamedEventAction
from pisovereign.actions.spec import ActionSpec


class MoveCalendarEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Move the event of words, an id, or a `day` to `start`; without `end` it stays as long."""

    start: Moment
    end: Moment | None = None
    about: Label | None = None
    event_id: EventId | None = None
    day: Moment | None = None


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
