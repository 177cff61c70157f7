"""The event stream's route: thin, the stream itself is in `stream.py`."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.query import read_query
from pisovereign.asgi.streaming import send_events
from pisovereign.errors import BadRequest
from pisovereign.events.stream import EventStreams
from pisovereign.events.types import LARGEST_ID, WatchQuery


class EventsResource:
    """`GET /v1/events`."""

    def __init__(self, streams: EventStreams) -> None:
        self._streams = streams

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Tell the caller's events as they happen, from where the caller was cut off."""
        query = read_query(req, WatchQuery)
        seen = last_event_id(req)
        stream = await self._streams.watch(
            req.context.user.user_id,
            query.after if seen is None else seen,
            follow=query.follow == "true",
        )
        send_events(resp, stream)


def last_event_id(req: falcon.asgi.Request) -> int | None:
    """What a client that was cut off saw last; it wins over the address, which stays the same."""
    text = req.get_header("Last-Event-ID")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))):
        raise BadRequest("The header Last-Event-ID must be an event's number")
    return int(text)
