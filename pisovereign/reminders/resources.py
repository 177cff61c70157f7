"""The reminder routes: thin, all rules are in the service."""

from __future__ import annotations

from uuid import UUID

import falcon
import falcon.asgi

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.asgi.query import read_query
from pisovereign.errors import NotFound
from pisovereign.reminders.service import ReminderService
from pisovereign.reminders.types import ListQuery, NewReminder, Snooze


class RemindersResource:
    """`GET` and `POST /v1/reminders`."""

    def __init__(self, service: ReminderService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the caller's reminders, the earliest first."""
        query = read_query(req, ListQuery)
        listed, total = await self._service.page(req.context.user.user_id, query)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Remind of something."""
        new = await self._bodies.read(req, NewReminder)
        reminder = await self._service.create(req.context.user.user_id, new)
        resp.status = falcon.HTTP_201
        resp.location = f"/v1/reminders/{reminder.id}"
        respond(resp, reminder)


class ReminderResource:
    """`GET` and `DELETE /v1/reminders/{reminder_id}`."""

    def __init__(self, service: ReminderService) -> None:
        self._service = service

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, reminder_id: str
    ) -> None:
        """Show one reminder."""
        respond(resp, await self._service.get(req.context.user.user_id, _parse_id(reminder_id)))

    async def on_delete(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, reminder_id: str
    ) -> None:
        """Delete one reminder."""
        await self._service.delete(req.context.user.user_id, _parse_id(reminder_id))
        resp.status = falcon.HTTP_204


class ReminderSnoozeResource:
    """`POST /v1/reminders/{reminder_id}/snooze`."""

    def __init__(self, service: ReminderService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, reminder_id: str
    ) -> None:
        """Put one reminder off."""
        asked = await self._bodies.read(req, Snooze)
        user = req.context.user.user_id
        respond(resp, await self._service.snooze(user, _parse_id(reminder_id), asked.minutes))


class ReminderDoneResource:
    """`POST /v1/reminders/{reminder_id}/done`."""

    def __init__(self, service: ReminderService) -> None:
        self._service = service

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, reminder_id: str
    ) -> None:
        """Mark one reminder as done."""
        respond(resp, await self._service.finish(req.context.user.user_id, _parse_id(reminder_id)))


def _parse_id(text: str) -> UUID:
    """The id; what cannot be one answers as an unknown one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No such reminder") from None
