"""The routes of events in the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.actions.caller import Caller
from pisovereign.actions.change_event import ChangeEvent, EventPatch, PendingChange
from pisovereign.actions.create_event import CreateCalendarEvent
from pisovereign.actions.fields import Moment, Place, Title
from pisovereign.actions.list_events import Events, ListCalendarEvents
from pisovereign.actions.routes import caller_of
from pisovereign.actions.service import ActionService, Asked
from pisovereign.actions.types import Pending
from pisovereign.api_keys import Identity
from pisovereign.asgi.routes import Example, Routes, route

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
_FIELDS = {
    "title": "1 to 500 characters, not blank",
    "start": "a time with its offset",
    "end": "a time with its offset, after the start",
    "location": "at most 200 characters",
}


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/calendar/events`."""

    days: Annotated[int, Meta(ge=1, le=366)] = 7
    start: Annotated[dt.datetime, Meta(tz=True)] | None = None


class NewCalendarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/calendar/events`."""

    title: Title
    start: Moment
    end: Moment
    location: Place | None = None


class CalendarRoutes(Routes, tag="Calendar"):
    """Events over HTTP; all rules are in the actions."""

    def __init__(self, actions: ActionService) -> None:
        self._actions = actions

    @route(
        "GET",
        "/v1/calendar/events",
        operation_id="listEvents",
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
        each time, and has no `id`: it is changed in a calendar program. When no calendar is set up,
        that is a 503 that names the setting.
        """
        wanted = ListCalendarEvents(days=query.days, start=query.start)
        found = await self._actions.carry_out(caller_of(req), wanted)
        assert isinstance(found, Events)
        return found

    @route(
        "POST",
        "/v1/calendar/events",
        operation_id="createEvent",
        summary="Ask for an event to be created",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(
            request={
                "title": "Meeting",
                "start": "2099-03-10T09:00:00Z",
                "end": "2099-03-10T10:30:00Z",
            },
            response={
                "command": "CreateCalendarEvent",
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "title": "...",
                "text": "...",
                "status": "pending_approval",
            },
        ),
    )
    async def create_event(self, req: Request, resp: Response, body: NewCalendarEvent) -> Pending:
        """Ask for an event to be put into the calendar.

        Nothing is written yet: the answer names the approval that [waits](approvals.md), with what
        is shown for it in `title`.
        """
        command = CreateCalendarEvent(
            title=body.title, start=body.start, end=body.end, location=body.location or None
        )
        asked = await self._actions.run(caller_of(req), command)
        assert isinstance(asked, Pending)
        return asked

    @route(
        "PATCH",
        "/v1/calendar/events/{id}",
        operation_id="changeEvent",
        summary="Ask for an event to be changed",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(
            request={"start": "2026-03-31T13:00:00Z", "location": "Room 1"},
            response={
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
    ) -> PendingChange:
        """Ask for an event to be changed.

        `id` is that of an event that the command `calendar` lists; events that recur have none, and
        are changed in a calendar program. A `start` alone moves the event and keeps its length; an
        empty `location` removes it.

        Nothing is changed yet. The answer names the approval that [waits](approvals.md), and what
        it would do.

        Approving it writes exactly that, if the event is still the one that was shown. If somebody
        changed it meanwhile, the approval fails and nothing is done.
        """
        return await self._ask(req.context.user, ChangeEvent(event_id=event, patch=body))

    @route(
        "DELETE",
        "/v1/calendar/events/{id}",
        operation_id="deleteEvent",
        summary="Ask for an event to be deleted",
        errors=(409, 502),
    )
    async def delete_event(self, req: Request, resp: Response, event: str) -> PendingChange:
        """Ask for an event to be deleted, as it is asked for a change; `after` is null."""
        return await self._ask(req.context.user, ChangeEvent(event_id=event, patch=None))

    async def _ask(self, identity: Identity, command: ChangeEvent) -> PendingChange:
        # The title of a change has no other language.
        asked = await self._actions.carry_out(Caller(identity, "en"), command)
        assert isinstance(asked, Asked)
        change = asked.new.payload
        return PendingChange(
            approval_id=asked.approval.id,
            expires_at=asked.approval.expires_at,
            before=change.before,
            after=change.after,
        )
