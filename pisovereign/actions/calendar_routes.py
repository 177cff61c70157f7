"""The routes of events in the calendar."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.actions.caller import Caller
from pisovereign.actions.change_event import Changed, ChangeEvent, EventPatch, PendingChange
from pisovereign.actions.event_commands import CreateCalendarEvent
from pisovereign.actions.fields import Moment, Place, Title
from pisovereign.actions.list_events import Events, ListCalendarEvents
from pisovereign.actions.routes import caller_of
from pisovereign.actions.service import ActionService, Asked
from pisovereign.actions.types import Pending
from pisovereign.api_keys import Identity
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.calendar.types import CalendarEvent

_EVENT: dict[str, Any] = {
    "time": "10:00",
    "title": "Meeting",
    "start": "2026-03-10T09:00:00Z",
    "end": "2026-03-10T10:30:00Z",
    "all_day": False,
    "location": None,
    "calendar": "Work",
    "id": "L2FsaWNlL3dvcmsvbWVldGluZy5pY3M",
}
_DONE = {"status": "completed", "event": _EVENT | {"calendar": "PiSovereign"}}
_FIELDS = {
    "title": "1 to 500 characters, not blank",
    "start": "a time with its offset",
    "end": "a time with its offset, after the start",
    "location": "at most 200 characters",
}


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/calendar/events`."""

    days: Annotated[int, Meta(ge=1, le=366)] = 7
    start: Moment | None = None


class NewCalendarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/calendar/events`."""

    title: Title
    start: Moment
    end: Moment
    location: Place | None = None


class EventDone(msgspec.Struct, frozen=True, kw_only=True):
    """The result of something done at once: the event as it is now, null if it is deleted."""

    event: CalendarEvent | None
    status: Literal["completed"] = "completed"


class CalendarRoutes(Routes, tag="Calendar"):
    """Events over HTTP; all rules are in the actions."""

    def __init__(self, actions: ActionService) -> None:
        self._actions = actions

    @route(
        "GET",
        "/v1/calendar/events",
        summary="List events",
        errors=(502,),
        example=Example(
            response={
                "start": "2026-03-09T23:00:00Z",
                "end": "2026-03-10T23:00:00Z",
                "events": [_EVENT],
            }
        ),
    )
    async def list_events(self, req: Request, resp: Response, query: EventQuery) -> Events:
        """List the events of whole days, in order of time.

        `?days=` is 1 to 366 (7 if not given), and `?start=` a moment of the first of them, today if
        not given; days begin at midnight in your time zone. An event that recurs is there for
        each time, and has no `id`: it is changed in a calendar program. Where no calendar is
        connected, these are the events that are [kept in the program](calendar.md).
        """
        wanted = ListCalendarEvents(days=query.days, start=query.start)
        found = await self._actions.carry_out(caller_of(req), wanted)
        assert isinstance(found, Events)
        return found

    @route(
        "POST",
        "/v1/calendar/events",
        summary="Create an event",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(
            request={
                "title": "Meeting",
                "start": "2099-03-10T09:00:00Z",
                "end": "2099-03-10T10:30:00Z",
            },
            response=_DONE,
            pending={
                "command": "CreateCalendarEvent",
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "title": "...",
                "text": "...",
                "status": "pending_approval",
            },
        ),
    )
    async def create_event(
        self, req: Request, resp: Response, body: NewCalendarEvent
    ) -> EventDone | Pending:
        """Put an event into the calendar.

        Into the one that is [kept in the program](calendar.md) at once. Where a server is
        connected, nothing is written yet: the answer, also a 200, names the approval that
        [waits](approvals.md), with what is shown for it in `title`.
        """
        command = CreateCalendarEvent(
            title=body.title, start=body.start, end=body.end, location=body.location or None
        )
        done = await self._actions.run(caller_of(req), command)
        if isinstance(done, Pending):
            return done
        assert isinstance(done.result, CalendarEvent)
        return EventDone(event=done.result)

    @route(
        "PATCH",
        "/v1/calendar/events/{id}",
        summary="Change an event",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(
            request={"start": "2026-03-31T13:00:00Z", "location": "Room 1"},
            response=_DONE,
            pending={
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "before": {
                    "time": "10:00",
                    "title": "Meeting",
                    "start": "2026-03-10T09:00:00Z",
                    "end": "2026-03-10T10:30:00Z",
                    "all_day": False,
                    "location": None,
                    "calendar": "Work",
                    "id": "L2FsaWNlL3dvcmsvbWVldGluZy5pY3M",
                },
                "after": {
                    "time": "15:00",
                    "title": "Meeting",
                    "start": "2026-03-31T13:00:00Z",
                    "end": "2026-03-31T14:30:00Z",
                    "all_day": False,
                    "location": "Room 1",
                    "calendar": "Work",
                    "id": "L2FsaWNlL3dvcmsvbWVldGluZy5pY3M",
                },
                "status": "pending_approval",
            },
        ),
    )
    async def change_event(
        self, req: Request, resp: Response, event: str, body: EventPatch
    ) -> EventDone | PendingChange:
        """Change an event.

        `id` is that of an event that the command `calendar` lists; events that recur have none, and
        are changed in a calendar program. A `start` alone moves the event and keeps its length; an
        empty `location` removes it.

        An event that is [kept in the program](calendar.md) is changed at once. One on a server is
        not changed yet: the answer, also a 200, names the approval that [waits](approvals.md), and
        what it would do.

        Approving it writes exactly that, if the event is still the one that was shown. If somebody
        changed it meanwhile, the approval fails and nothing is done.
        """
        return await self._ask(req.context.user, ChangeEvent(event_id=event, patch=body))

    @route(
        "DELETE",
        "/v1/calendar/events/{id}",
        summary="Delete an event",
        errors=(409, 502),
    )
    async def delete_event(
        self, req: Request, resp: Response, event: str
    ) -> EventDone | PendingChange:
        """Delete an event, in the way in which it is changed; `event` or `after` is null."""
        return await self._ask(req.context.user, ChangeEvent(event_id=event, patch=None))

    async def _ask(self, identity: Identity, command: ChangeEvent) -> EventDone | PendingChange:
        # The title of a change has no other language.
        asked = await self._actions.carry_out(Caller(identity, "en"), command)
        if isinstance(asked, Changed):
            return EventDone(event=asked.event)
        assert isinstance(asked, Asked)
        change = asked.new.payload
        return PendingChange(
            approval_id=asked.approval.id,
            expires_at=asked.approval.expires_at,
            before=change.before,
            after=change.after,
        )
