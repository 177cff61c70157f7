"""What is in the calendars: the objects of a range of time, or one of them."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlsplit

import msgspec
from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement
from caldav.response import CalendarQueryResult
from lxml import etree

from pisovereign.errors import NotFound, UpstreamError
from pisovereign.integrations.calendar.client import Connection, KnownCalendar
from pisovereign.integrations.calendar.reader import CalendarObject

# A request for a whole year may exceed what a server is willing to answer at once.
WINDOW = dt.timedelta(days=92)
_MOST_OBJECTS = 20_000
_MOST_TEXT = 32 * 1024 * 1024
_LONGEST_ID = 1000


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it is now; `etag` is different after each change."""

    calendar: str
    url: str
    text: str
    etag: str


def objects_between(
    connection: Connection, start: dt.datetime, end: dt.datetime
) -> list[CalendarObject]:
    """Every object with an event in [start, end), of all calendars that are read.

    Raises:
        UpstreamError: they cannot be had, or are too many.
    """
    found: dict[tuple[str, str], CalendarObject] = {}
    size = 0
    for calendar in connection.read():
        for first, last in windows(start, end):
            for row in _report(connection, calendar, _time_range(first, last)):
                key, text = (calendar.url, row.href), row.calendar_data or ""
                size += 0 if key in found else len(text)
                # An event that recurs comes with every window.
                found[key] = CalendarObject(calendar.name, event_id(row.href), text)
                if len(found) > _MOST_OBJECTS or size > _MOST_TEXT:
                    raise UpstreamError("There are too many events: ask for fewer days")
    return list(found.values())


def find_object(connection: Connection, name: str) -> Stored:
    """The object with an id that `objects_between` gave.

    Raises:
        NotFound: it is not there, or in no calendar that is read.
    """
    path = _path(name)
    for calendar in connection.read():
        inside = unquote(urlsplit(calendar.url).path).rstrip("/") + "/"
        last = path.removeprefix(inside)
        if not path.startswith(inside) or "/" in last or last in ("", ".", ".."):
            continue
        for row in _report(connection, calendar, _one(path)):
            if row.calendar_data and row.etag:
                return Stored(
                    calendar=calendar.name,
                    url=str(connection.client.url.join(quote(row.href, safe="/@"))),
                    text=row.calendar_data,
                    etag=row.etag,
                )
    raise NotFound("No such event")


def windows(start: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """[start, end) in pieces that a server can answer."""
    while start < end:
        last = min(start + WINDOW, end)
        yield start, last
        start = last


def event_id(path: str) -> str:
    """The id of the object at a path of the server."""
    return base64.urlsafe_b64encode(path.encode()).rstrip(b"=").decode()


def _path(name: str) -> str:
    try:
        if len(name) > _LONGEST_ID:
            raise NotFound("No such event")
        return base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except (binascii.Error, ValueError):
        raise NotFound("No such event") from None


def _report(
    connection: Connection, calendar: KnownCalendar, query: BaseElement
) -> Iterable[CalendarQueryResult]:
    body = etree.tostring(query.xmlelement(), encoding="unicode")
    answer = connection.client.report(calendar.url, str(body), depth=1)
    if answer.status not in (200, 207):
        connection.forget()
        raise UpstreamError(
            f"The calendar {calendar.name} cannot be read: HTTP status {answer.status}"
        )
    return (row for row in answer.parse_calendar_query() if row.calendar_data)


def _time_range(start: dt.datetime, end: dt.datetime) -> BaseElement:
    # Servers compare whole days and times without a zone as if they were in UTC.
    margin = dt.timedelta(days=1)
    inside = cdav.CompFilter("VEVENT") + cdav.TimeRange(start - margin, end + margin)
    query: BaseElement = cdav.CalendarQuery()
    query += dav.Prop() + cdav.CalendarData()
    query += cdav.Filter() + (cdav.CompFilter("VCALENDAR") + inside)
    return query


def _one(path: str) -> BaseElement:
    query: BaseElement = cdav.CalendarMultiGet()
    query += dav.Prop() + dav.GetEtag() + cdav.CalendarData()
    query += dav.Href(value=quote(path, safe="/@"))
    return query
