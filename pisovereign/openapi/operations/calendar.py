"""Events of the calendar."""

from __future__ import annotations

from pisovereign.calendar.types import EventPatch, PendingChange
from pisovereign.openapi.operation import Answer, Operation

TAG = "Calendar"
ONE = "/v1/calendar/events/{event_id}"
OPERATIONS = (
    Operation(
        method="patch",
        path=ONE,
        id="changeEvent",
        tag=TAG,
        summary="Ask for an event to be changed",
        request=EventPatch,
        answer=Answer(type=PendingChange),
        errors=(409, 502),
    ),
    Operation(
        method="delete",
        path=ONE,
        id="deleteEvent",
        tag=TAG,
        summary="Ask for an event to be deleted",
        answer=Answer(type=PendingChange),
        errors=(409, 502),
    ),
)
