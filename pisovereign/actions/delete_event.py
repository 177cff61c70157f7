"""Deleting an event that is named in words."""

from __future__ import annotations

from pisovereign.actions.event_commands import CreateCalendarEvent, DeleteCalendarEvent
from pisovereign.actions.named_events import DescribedEvent, EventSelection, NamedEventAction
from pisovereign.actions.spec import ActionSpec


class DeleteEventAction(NamedEventAction[DeleteCalendarEvent]):
    """Deletes an event."""

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

    def inverse(self, result: EventSelection) -> CreateCalendarEvent | None:
        """Return what makes it again."""
        before = result.before
        if before is None or before.all_day or before.start >= before.end:
            return None
        return CreateCalendarEvent(
            title=before.title, start=before.start, end=before.end, location=before.location
        )

    def patch(self, command: DeleteCalendarEvent) -> None:
        """Return that it is to be deleted."""
        return
