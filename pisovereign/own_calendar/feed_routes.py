"""The routes of the address that calendar programs read from."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.accounts.requests import caller_of
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.own_calendar.calendar import OwnCalendar
from pisovereign.own_calendar.feed import CalendarFeed, FeedState, MadeFeed
from pisovereign.own_calendar.feed_address import FEED, IN_SCOPE
from pisovereign.own_calendar.routes import ICALENDAR

PATH = "/v1/calendar/feed"


class CalendarFeedRoutes(Routes, tag="Calendar"):
    """The address, and what is read from it."""

    def __init__(self, feed: CalendarFeed, calendar: OwnCalendar) -> None:
        self._feed = feed
        self._calendar = calendar

    @route(
        "GET",
        PATH,
        operation_id="getCalendarFeed",
        summary="See whether calendar programs can read along",
    )
    async def get(self, req: Request, resp: Response) -> FeedState:
        """Answer since when there is a [secret address](calendar.md#in-other-calendar-programs)."""
        return await self._feed.state(req.context.user.user_id)

    @route(
        "POST",
        PATH,
        operation_id="makeCalendarFeed",
        summary="Make an address for calendar programs",
        status=201,
        errors=(403,),
        example=Example(
            response={
                "path": "/calendar-feed/Zt0mX2lHq9cV7kS3pR8wYdB1nF6gJ4aT5eU0iO2oQhM.ics",
                "made_at": "2026-03-10T08:00:00Z",
            }
        ),
    )
    async def make(self, req: Request, resp: Response) -> MadeFeed:
        """Make a secret address from which your events and tasks are read: 201.

        Behind the name of the device, `path` is what a [calendar
        program](calendar.md#in-other-calendar-programs) is told. It is shown this once, and ends
        one that was made before. A program's key cannot make one: 403.
        """
        resp.set_header("Cache-Control", "no-store")
        return await self._feed.make(caller_of(req))

    @route(
        "DELETE",
        PATH,
        operation_id="removeCalendarFeed",
        summary="Remove the address for calendar programs",
        status=204,
        errors=(404,),
    )
    async def remove(self, req: Request, resp: Response) -> None:
        """End the address: 204, or 404 if there is none."""
        await self._feed.remove(caller_of(req))

    @route("GET", FEED, public=True, head=True, documented=False)
    async def read(self, req: Request, resp: Response) -> None:
        """Send the events and tasks, or that they are the same as before."""
        user = await self._feed.owner(req.scope.get(IN_SCOPE, ""))
        etag = await self._calendar.file_version(user)
        resp.set_header("ETag", etag)
        resp.set_header("Cache-Control", "private, no-cache")
        resp.content_type = f"{ICALENDAR}; charset=utf-8"
        if etag in (req.get_header("If-None-Match") or ""):
            resp.status = 304
            return
        resp.data = await self._calendar.file(user)
