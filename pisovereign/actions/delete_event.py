"""Deleting an event that is named in words."""

from __future__ import annotations

from pisovereign.actions.event_commands import CreateCalendarEvent, DeleteCalendarEvent
from pisovereign.actions.intent import ChosenBy, CommandSlots, Handling, Intent
from pisovereign.actions.named_events import DescribedEvent, EventSelection, NamedEventAction
from pisovereign.actions.spec import ActionSpec
from pisovereign.reading.moments import midnight, named_days
from pisovereign.reading.partial_commands import PartialCommand, Wording


def _read(wording: Wording) -> PartialCommand:
    days = named_days(wording.request)
    arguments = {
        "about": wording.about("about"),
        "start": (days[0] or midnight(wording.request)) if days else None,
        "days": days[1] if days else None,
    }
    return PartialCommand(DeleteCalendarEvent, arguments, ("about|start",))


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
        intents=(Intent("delete_event", _read),),
        undoes=True,
        slots=CommandSlots(days="start", day_count="days", text="about"),
        handling=Handling(removes=("event",), by="event_id", day="start"),
        chosen_by=ChosenBy("event_id"),
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
