"""The route of the calendar that the program keeps."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Routes, route
from pisovereign.own_calendar.calendar import OwnCalendar

ICALENDAR = "text/calendar"


class OwnCalendarRoutes(Routes, tag="Calendar"):
    """The kept calendar as a file."""

    def __init__(self, calendar: OwnCalendar) -> None:
        self._calendar = calendar

    @route(
        "GET",
        "/v1/calendar/export",
        summary="Take your events and tasks as a file",
        errors=(502,),
        media_type=ICALENDAR,
    )
    async def export_calendar(self, req: Request, resp: Response) -> None:
        """Send the events and tasks that are [kept in the program](calendar.md) as one .ics file.

        Every calendar program imports it. What is on a server is not in it.
        """
        resp.data = await self._calendar.file(req.context.user.user_id)
        resp.content_type = f"{ICALENDAR}; charset=utf-8"
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Content-Disposition", 'attachment; filename="calendar.ics"')
