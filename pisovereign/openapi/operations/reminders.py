"""Reminders, and the stream of what happens."""

from __future__ import annotations

from pisovereign.events.types import WatchQuery
from pisovereign.openapi.operation import EVENTS, Answer, Operation, links
from pisovereign.reminders.types import ListQuery, NewReminder, Reminder, Snooze

TAG = "Reminders"
ONE = "/v1/reminders/{reminder_id}"
OPERATIONS = (
    Operation(
        method="get",
        path="/v1/reminders",
        id="listReminders",
        tag=TAG,
        summary="List reminders",
        query=ListQuery,
        answer=Answer(type=list[Reminder], headers=("X-Total-Count",)),
    ),
    Operation(
        method="post",
        path="/v1/reminders",
        id="createReminder",
        tag=TAG,
        summary="Create a reminder",
        request=NewReminder,
        answer=Answer(
            status=201,
            description="Created",
            type=Reminder,
            headers=("Location",),
            links=links(
                "reminder_id", "getReminder", "snoozeReminder", "finishReminder", "deleteReminder"
            ),
        ),
        errors=(409,),
    ),
    Operation(
        method="get",
        path=ONE,
        id="getReminder",
        tag=TAG,
        summary="Show a reminder",
        answer=Answer(type=Reminder),
    ),
    Operation(
        method="delete",
        path=ONE,
        id="deleteReminder",
        tag=TAG,
        summary="Delete a reminder",
        answer=Answer(status=204, description="Deleted", media=None),
    ),
    Operation(
        method="post",
        path=f"{ONE}/snooze",
        id="snoozeReminder",
        tag=TAG,
        summary="Be reminded later",
        request=Snooze,
        answer=Answer(type=Reminder),
        errors=(409,),
    ),
    Operation(
        method="post",
        path=f"{ONE}/done",
        id="finishReminder",
        tag=TAG,
        summary="Be done with a reminder",
        answer=Answer(type=Reminder),
        errors=(409,),
    ),
    Operation(
        method="get",
        path="/v1/events",
        id="watchEvents",
        tag="Events",
        summary="Watch what happens, as server-sent events",
        description="`Last-Event-ID` goes on where a watcher was cut off.",
        query=WatchQuery,
        answer=Answer(media=EVENTS),
    ),
)
