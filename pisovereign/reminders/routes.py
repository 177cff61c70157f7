"""The routes of reminders."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Page, Routes, parse_id, route
from pisovereign.reminders.service import ReminderService
from pisovereign.reminders.types import ListQuery, NewReminder, Reminder, ReminderPatch, Snooze

_REMINDER: dict[str, Any] = {
    "id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "kind": "reminder",
    "title": "Call the dentist",
    "status": "scheduled",
    "remind_at": "2099-12-24T17:00:00Z",
    "due_at": None,
    "snoozes": 0,
    "snoozes_left": 5,
    "sound": False,
    "repeat": None,
    "series_id": None,
    "remaining_s": None,
    "deliveries": [],
    "created_at": "2026-02-07T10:30:00.159707Z",
    "updated_at": "2026-02-07T10:30:00.159707Z",
}


class ReminderRoutes(Routes, tag="Reminders"):
    """Reminders over HTTP; all rules are in the service."""

    def __init__(self, service: ReminderService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/reminders",
        summary="List reminders",
        example=Example(response=[_REMINDER]),
    )
    async def list_reminders(
        self, req: Request, resp: Response, query: ListQuery
    ) -> Page[Reminder]:
        """List your reminders, the earliest first.

        `?limit=` is 1 to 500 (100 if not given), `?offset=` skips entries, `?status=` shows those
        that are `scheduled`, `due` or `done`, or that are `open`, which is the first two, `?kind=`
        those that are a `reminder`, an `alarm` or a `timer`, `?start=` those from a time on, and
        `?end=` those before one.

        `remaining_s` are the seconds that a `timer` still runs, null for anything else.

        `due_at` is when the reminder last became due. `snoozes_left` says how often it can still be
        put off. `deliveries` are the messages that it was last told with, beside the event, such as
        `{"channel": "mail", "status": "sent", "at": "2099-12-24T17:00:01Z", "error": null}`;
        `status` is `waiting`, `sending`, `sent`, `failed`, or `uncertain` if nobody knows. If the
        stored title cannot be opened it is empty, and `error` says why.
        """
        return Page(*await self._service.page(req.context.user.user_id, query))

    @route(
        "POST",
        "/v1/reminders",
        summary="Create a reminder",
        status=201,
        errors=(409, 507),
        links=(
            "getReminder",
            "changeReminder",
            "snoozeReminder",
            "finishReminder",
            "deleteReminder",
        ),
        fields={
            "title": "1 to 500 characters, not blank, no NUL",
            "remind_at": "RFC 3339 with a time zone; not in the past, and within 100 years",
            "kind": "`reminder` (if not given), `alarm` or `timer`",
            "repeat": "`daily`, `weekdays`, `weekends`, `weekly`, `monthly` or `yearly`",
            "sound": "whether a page should ring; if not given, for alarms and timers",
        },
        example=Example(
            request={"title": "Call the dentist", "remind_at": "2099-12-24T18:00:00+01:00"},
            response=_REMINDER,
        ),
    )
    async def create_reminder(self, req: Request, resp: Response, body: NewReminder) -> Reminder:
        """Create a reminder: 201, `Location`, and the reminder.

        When the time comes the reminder is `due`, and told once as an event of
        [GET /v1/events](#get-v1events), which rings on every open page, and in each other way of
        `reminders.deliver`: by messengers, by mail and in browsers
        ([notifications.md](notifications.md)). What became due while nothing ran is told at the
        next start; a machine that slept, or whose clock was changed, notices within
        `reminders.check_s` seconds.

        With `repeat` it comes again at the same time of day in your time zone, first at the
        first such time from `remind_at` on: `weekdays` begins on no Sunday, and what comes on the
        31st comes on the last day of shorter months. As soon as one is due the next one is stored,
        with an `id` of its own and the same `series_id`; times that nothing ran at do not come
        later. Deleting the next one ends the series. An event says with `sound` that a page should
        ring.
        """
        reminder = await self._service.create(req.context.user.user_id, body)
        resp.location = f"/v1/reminders/{reminder.id}"
        return reminder

    @route(
        "GET",
        "/v1/reminders/{id}",
        summary="Show a reminder",
        example=Example(response=_REMINDER),
    )
    async def get_reminder(self, req: Request, resp: Response, reminder: str) -> Reminder:
        """Show one reminder."""
        return await self._service.get(req.context.user.user_id, parse_id(reminder, "reminder"))

    @route(
        "PATCH",
        "/v1/reminders/{id}",
        summary="Move a reminder, or change its title",
        errors=(409,),
        fields={
            "title": "1 to 500 characters, not blank, no NUL",
            "remind_at": "RFC 3339 with a time zone; not in the past, and within 100 years",
            "sound": "whether a page should ring",
        },
        example=Example(
            request={"remind_at": "2099-12-25T09:00:00+01:00"},
            response={**_REMINDER, "remind_at": "2099-12-25T08:00:00Z"},
        ),
    )
    async def change_reminder(
        self, req: Request, resp: Response, reminder: str, body: ReminderPatch
    ) -> Reminder:
        """Change the fields that are given; the others stay.

        With a time it is scheduled again, also if it was due; a series is counted from this time
        on. A reminder that is done is a 409.
        """
        user = req.context.user.user_id
        return await self._service.change(user, parse_id(reminder, "reminder"), body)

    @route(
        "DELETE",
        "/v1/reminders/{id}",
        summary="Delete a reminder",
        status=204,
    )
    async def delete_reminder(self, req: Request, resp: Response, reminder: str) -> None:
        """Delete a reminder, and the events that tell of it.

        The answer is 204 without a body, or 404 if there is none.
        """
        await self._service.delete(req.context.user.user_id, parse_id(reminder, "reminder"))

    @route(
        "POST",
        "/v1/reminders/{id}/snooze",
        summary="Be reminded later",
        errors=(409,),
        example=Example(
            request={"minutes": 15},
            response={
                **_REMINDER,
                "remind_at": "2099-12-24T17:15:00Z",
                "snoozes": 1,
                "snoozes_left": 4,
            },
        ),
    )
    async def snooze_reminder(
        self, req: Request, resp: Response, reminder: str, body: Snooze
    ) -> Reminder:
        """Put a reminder off by `minutes`.

        `minutes` is 1 to 10,080 (`reminders.snooze_minutes` if not given), counted from now, or
        from the reminder's time if that is still to come. A reminder that is done, or was put off
        `reminders.snooze_limit` times, is a 409.
        """
        user = req.context.user.user_id
        return await self._service.snooze(user, parse_id(reminder, "reminder"), body.minutes)

    @route(
        "POST",
        "/v1/reminders/{id}/done",
        summary="Be done with a reminder",
        errors=(409,),
        example=Example(response={**_REMINDER, "status": "done"}),
    )
    async def finish_reminder(self, req: Request, resp: Response, reminder: str) -> Reminder:
        """Mark a reminder as done: it will not be told, or told again.

        No body is needed, and doing it again changes nothing.
        """
        return await self._service.finish(req.context.user.user_id, parse_id(reminder, "reminder"))
