"""Deleting an event that is named in words."""

from __future__ import annotations

import msgspec

from pisovereign.actions.fields import Days, EventId, Label, Moment
from pisovereign.actions.named_events import DescribedEvent, EventSelection, NamedEventAction
from pisovereign.actions.spec import ActionSpec


class DeleteCalendarEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Delete the event of words, of an id, or of `days` whole days from `start` on."""

    about: Label | None = None
    event_id: EventId | None = None
    start: Moment | None = None
    days: Days | None = None


class DeleteEventAction(NamedEventAction[DeleteCalendarEvent]):
    """Deletes an event once that was approved."""

    spec = ActionSpec(
        name="delete_event",
        type=DeleteCalendarEvent,
        result=EventSelection,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
    )
    kind = "delete_event"

    def described(self, command: DeleteCalendarEvent) -> DescribedEvent:
        """Return which event is meant."""
        return DescribedEvent(
            about=command.about,
            event_id=command.event_id,
            start=command.start,
            days=command.days,
        )

    def patch(self, command: DeleteCalendarEvent) -> None:
        """Return that it is to be deleted."""
        return
