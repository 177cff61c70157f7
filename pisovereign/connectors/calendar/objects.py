"""The objects of the calendars: found, read, stored, replaced and removed over CalDAV.

What writes is sent so that it can be sent again without doing more.
"""

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

from pisovereign.connectors.calendar.client import CalendarInfo, Connection
from pisovereign.connectors.calendar.reader import CalendarObject
from pisovereign.errors import Conflict, NotFound, UpstreamError

# A request for a whole year may exceed what a server is willing to answer at once.
WINDOW = dt.timedelta(days=92)
_MOST_OBJECTS = 20_000
_MOST_TEXT = 32 * 1024 * 1024
_LONGEST_ID = 1000
_NONE = "No such event or task"
_TYPE = {"Content-Type": "text/calendar; charset=utf-8"}


class StoredObject(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar object as it is now; `etag` is different after each change."""

    calendar: str
    url: str
    text: str
    etag: str


def list_objects(
    connection: Connection, start: dt.datetime, end: dt.datetime
) -> list[CalendarObject]:
    """Return every object with an event in [start, end), of all calendars that are read.

    Raises:
        UpstreamError: they cannot be read, or are too many.
    """
    found: dict[tuple[str, str], CalendarObject] = {}
    size = 0
    for calendar in connection.calendars_to_read():
        for first, last in split_range(start, end):
            for row in _report(connection, calendar, _time_range(first, last)):
                key, text = (calendar.url, row.href), row.calendar_data or ""
                size += 0 if key in found else len(text)
                # An event that recurs comes with every window.
                found[key] = CalendarObject(calendar.name, event_id(row.href), text)
                if len(found) > _MOST_OBJECTS or size > _MOST_TEXT:
                    raise UpstreamError("There are too many events: ask for fewer days")
    return list(found.values())


def list_tasks(connection: Connection, *, done: bool) -> list[CalendarObject]:
    """Return every task of all lists that are read; with `done` also those that are completed.

    Raises:
        UpstreamError: they cannot be read, or are too many.
    """
    found: list[CalendarObject] = []
    size = 0
    for tasks in connection.task_lists():
        for row in _report(connection, tasks, _tasks(done=done)):
            text = row.calendar_data or ""
            size += len(text)
            found.append(CalendarObject(tasks.name, event_id(row.href), text))
            if len(found) > _MOST_OBJECTS or size > _MOST_TEXT:
                raise UpstreamError("There are too many tasks")
    return found


def get_object(
    connection: Connection, name: str, calendars: Iterable[CalendarInfo]
) -> StoredObject:
    """Return the object with an id that `list_objects` or `list_tasks` gave.

    Raises:
        NotFound: it is not there, or in none of these calendars.
    """
    path = _path(name)
    for calendar in calendars:
        inside = unquote(urlsplit(calendar.url).path).rstrip("/") + "/"
        last = path.removeprefix(inside)
        if not path.startswith(inside) or "/" in last or last in ("", ".", ".."):
            continue
        for row in _report(connection, calendar, _one(path)):
            if row.calendar_data and row.etag:
                return StoredObject(
                    calendar=calendar.name,
                    url=str(connection.client.url.join(quote(row.href, safe="/@"))),
                    text=row.calendar_data,
                    etag=row.etag,
                )
    raise NotFound(_NONE)


def split_range(start: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Split [start, end) into pieces that a server can answer."""
    while start < end:
        last = min(start + WINDOW, end)
        yield start, last
        start = last


def event_id(path: str) -> str:
    """Return the id of the object at a path of the server."""
    return base64.urlsafe_b64encode(path.encode()).rstrip(b"=").decode()


def _path(name: str) -> str:
    try:
        if len(name) > _LONGEST_ID:
            raise NotFound(_NONE)
        return base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except (binascii.Error, ValueError):
        raise NotFound(_NONE) from None


def _report(
    connection: Connection, calendar: CalendarInfo, query: BaseElement
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


def _tasks(*, done: bool) -> BaseElement:
    wanted: BaseElement = cdav.CompFilter("VTODO")
    if not done:
        wanted += cdav.PropFilter("COMPLETED") + cdav.NotDefined()
    query: BaseElement = cdav.CalendarQuery()
    query += dav.Prop() + cdav.CalendarData()
    query += cdav.Filter() + (cdav.CompFilter("VCALENDAR") + wanted)
    return query


def _one(path: str) -> BaseElement:
    query: BaseElement = cdav.CalendarMultiGet()
    query += dav.Prop() + dav.GetEtag() + cdav.CalendarData()
    query += dav.Href(value=quote(path, safe="/@"))
    return query


def put_new_object(connection: Connection, calendar: CalendarInfo, uid: str, text: str) -> str:
    """Store a new object; leave one that is there already as it is.

    Returns:
        The name of the calendar.

    Raises:
        HostFailed: it may be stored or not; `calendar_with` finds out.
        UpstreamError: it is not stored.
    """
    headers = _TYPE | {"If-None-Match": "*"}
    status = connection.client.put(_address(calendar, uid), text, headers).status
    # 412: an earlier attempt was stored, although its answer was lost.
    if status not in (200, 201, 204, 412):
        connection.forget()
        raise UpstreamError(f"The calendar server refuses the entry: HTTP status {status}")
    return calendar.name


def calendar_with(connection: Connection, calendar: CalendarInfo, uid: str) -> str | None:
    """Return the name of the calendar that holds an object that was put; None: it is not there.

    Raises:
        UpstreamError: nobody knows.
    """
    # Not its text: the library logs what is not XML.
    answer = connection.client.propfind(_address(calendar, uid), ["{DAV:}getetag"])
    if answer.status in (404, 410):
        return None
    if answer.status not in (200, 207):
        raise UpstreamError(f"The calendar server answers with HTTP status {answer.status}")
    return calendar.name


def replace_object(connection: Connection, url: str, etag: str, text: str) -> None:
    """Replace the version with this tag, and no other.

    Raises:
        Conflict: somebody changed it meanwhile.
        HostFailed: it may be stored or not.
        UpstreamError: it is not stored.
    """
    status = connection.client.put(url, text, _TYPE | {"If-Match": etag}).status
    _check(status, (200, 201, 204))


def remove_object(connection: Connection, url: str, etag: str) -> None:
    """Delete the version with this tag, and no other; do nothing if the object is gone.

    Raises:
        Conflict: somebody changed it meanwhile.
        HostFailed: it may be deleted or not.
        UpstreamError: it is not deleted.
    """
    status = connection.client.delete(url, {"If-Match": etag}).status
    _check(status, (200, 202, 204, 404, 410))


def _check(status: int, good: tuple[int, ...]) -> None:
    if status in (409, 412):
        raise Conflict("The entry was changed meanwhile; nothing was done")
    if status not in good:
        raise UpstreamError(f"The calendar server refuses the change: HTTP status {status}")


def _address(calendar: CalendarInfo, uid: str) -> str:
    return f"{calendar.url.rstrip('/')}/{quote(uid, safe='')}.ics"
