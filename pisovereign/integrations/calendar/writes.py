"""What changes a calendar: each is sent so that it can be sent again without doing more."""

from __future__ import annotations

from urllib.parse import quote

from pisovereign.errors import Conflict, UpstreamError
from pisovereign.integrations.calendar.client import Connection, KnownCalendar

_TYPE = {"Content-Type": "text/calendar; charset=utf-8"}


def put_new(connection: Connection, uid: str, text: str) -> str:
    """Store a new object; one that is there already stays as it is.

    Returns:
        The name of the calendar.

    Raises:
        HostFailed: it may be stored or not; `holder` knows.
        UpstreamError: it is not stored.
    """
    calendar = connection.target()
    headers = _TYPE | {"If-None-Match": "*"}
    status = connection.client.put(_address(calendar, uid), text, headers).status
    # 412: an earlier attempt was stored, although its answer was lost.
    if status not in (200, 201, 204, 412):
        connection.forget()
        raise UpstreamError(f"The calendar server refuses the event: HTTP status {status}")
    return calendar.name


def holder(connection: Connection, uid: str) -> str | None:
    """The name of the calendar that holds an object that was put; None: it is not there.

    Raises:
        UpstreamError: nobody knows.
    """
    calendar = connection.target()
    # Not its text: the library logs what is not XML.
    answer = connection.client.propfind(_address(calendar, uid), ["{DAV:}getetag"])
    if answer.status in (404, 410):
        return None
    if answer.status not in (200, 207):
        raise UpstreamError(f"The calendar server answers with HTTP status {answer.status}")
    return calendar.name


def replace(connection: Connection, url: str, etag: str, text: str) -> None:
    """Store a new version in the place of the one with this tag, and of no other.

    Raises:
        Conflict: somebody changed it meanwhile.
        HostFailed: it may be stored or not.
        UpstreamError: it is not stored.
    """
    status = connection.client.put(url, text, _TYPE | {"If-Match": etag}).status
    _check(status, (200, 201, 204))


def remove(connection: Connection, url: str, etag: str) -> None:
    """Delete the version with this tag, and no other; one that is gone is gone.

    Raises:
        Conflict: somebody changed it meanwhile.
        HostFailed: it may be deleted or not.
        UpstreamError: it is not deleted.
    """
    status = connection.client.delete(url, {"If-Match": etag}).status
    _check(status, (200, 202, 204, 404, 410))


def _check(status: int, good: tuple[int, ...]) -> None:
    if status in (409, 412):
        raise Conflict("The event was changed meanwhile; nothing was done")
    if status not in good:
        raise UpstreamError(f"The calendar server refuses the change: HTTP status {status}")


def _address(calendar: KnownCalendar, uid: str) -> str:
    return f"{calendar.url.rstrip('/')}/{quote(uid, safe='')}.ics"
