"""The calendar routes: thin, all rules are in the service."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.calendar.service import CalendarService
from pisovereign.calendar.types import EventPatch


class CalendarEventResource:
    """`PATCH` and `DELETE /v1/calendar/events/{event_id}`."""

    def __init__(self, service: CalendarService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_patch(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, event_id: str
    ) -> None:
        """Ask for an event to be changed."""
        patch = await self._bodies.read(req, EventPatch)
        respond(resp, await self._service.patch(req.context.user, event_id, patch))

    async def on_delete(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, event_id: str
    ) -> None:
        """Ask for an event to be deleted."""
        respond(resp, await self._service.delete(req.context.user, event_id))
