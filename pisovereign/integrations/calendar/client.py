"""CalDAV: which calendars there are, what is in them, and new events. Blocks; for threads.

The library's discovery and its wire format are used. Its own search is not: it loads object after
object on its own account, and logs what it cannot read.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
from caldav.davclient import DAVClient
from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement
from caldav.lib import error as dav_error
from lxml import etree

from pisovereign.errors import UpstreamError
from pisovereign.integrations.calendar.deadline import Deadline
from pisovereign.integrations.calendar.reader import CalendarObject
from pisovereign.integrations.calendar.session import Outside, open_session
from pisovereign.integrations.calendar.settings import Account

# A request for a whole year may exceed what a server is willing to answer at once.
WINDOW = dt.timedelta(days=92)
MOST_CALENDARS = 200
MOST_OBJECTS = 20_000
MOST_TEXT = 32 * 1024 * 1024
_KNOWN_FOR_S = 600.0


class KnownCalendar(msgspec.Struct, frozen=True):
    """A calendar on the server: its address, the last part of that, and what people call it."""

    url: str
    id: str
    name: str


class CalDav:
    """One account on a calendar server.

    Args:
        account: where, who, and which calendars.
        outside: what connections are made with.
    """

    def __init__(self, account: Account, outside: Outside) -> None:
        self._account = account
        self._outside = outside
        self._auth: Any = None
        self._lock = threading.Lock()
        self._known: tuple[KnownCalendar, ...] = ()
        self._known_until = 0.0

    def check(self, deadline: Deadline) -> None:
        """Ask for the account, to see that it answers.

        Raises:
            UpstreamError: it does not.
        """
        with self._connected(deadline) as client:
            client.get_principal()

    def describe(self, deadline: Deadline) -> str:
        """Which calendars are read, and where new events go.

        Raises:
            UpstreamError: nobody knows.
        """
        self.forget()
        with self._connected(deadline) as client:
            names = ", ".join(calendar.name for calendar in self._read(client))
            return f"reads {names}; new events go to {self._target(client).name}"

    def objects(
        self, start: dt.datetime, end: dt.datetime, deadline: Deadline
    ) -> list[CalendarObject]:
        """Every object with an event in [start, end), of all calendars that are read.

        Raises:
            UpstreamError: they cannot be had, or are too many.
        """
        found: dict[tuple[str, str], CalendarObject] = {}
        size = 0
        with self._connected(deadline) as client:
            for calendar in self._read(client):
                for first, last in windows(start, end):
                    for href, text in self._query(client, calendar, first, last):
                        size += 0 if (calendar.url, href) in found else len(text)
                        # An event that recurs comes with every window.
                        found[calendar.url, href] = CalendarObject(calendar.name, text)
                        if len(found) > MOST_OBJECTS or size > MOST_TEXT:
                            raise UpstreamError("There are too many events: ask for fewer days")
        return list(found.values())

    def put(self, uid: str, text: str, deadline: Deadline) -> str:
        """Store a new object; one that is there already stays as it is.

        Returns:
            The name of the calendar.

        Raises:
            HostFailed: it may be stored or not; `holder` knows.
            UpstreamError: it is not stored.
        """
        with self._connected(deadline) as client:
            calendar = self._target(client)
            headers = {"If-None-Match": "*", "Content-Type": "text/calendar; charset=utf-8"}
            status = client.put(_address(calendar, uid), text, headers).status
        # 412: an earlier attempt was stored, although its answer was lost.
        if status not in (200, 201, 204, 412):
            self.forget()
            raise UpstreamError(f"The calendar server refuses the event: HTTP status {status}")
        return calendar.name

    def holder(self, uid: str, deadline: Deadline) -> str | None:
        """The name of the calendar that holds an object that was put; None: it is not there.

        Raises:
            UpstreamError: nobody knows.
        """
        with self._connected(deadline) as client:
            # Not its text: the library logs what is not XML.
            calendar = self._target(client)
            answer = client.propfind(_address(calendar, uid), ["{DAV:}getetag"])
            if answer.status in (404, 410):
                return None
            if answer.status not in (200, 207):
                raise UpstreamError(f"The calendar server answers with HTTP {answer.status}")
            return calendar.name

    def _query(
        self, client: DAVClient, calendar: KnownCalendar, start: dt.datetime, end: dt.datetime
    ) -> Iterator[tuple[str, str]]:
        answer = client.report(calendar.url, _time_range(start, end), depth=1)
        if answer.status not in (200, 207):
            self.forget()
            raise UpstreamError(
                f"The calendar {calendar.name} cannot be read: HTTP status {answer.status}"
            )
        for row in answer.parse_calendar_query():
            if row.calendar_data:
                yield row.href, row.calendar_data

    @contextlib.contextmanager
    def _connected(self, deadline: Deadline) -> Iterator[DAVClient]:
        account = self._account
        client = DAVClient(
            account.url,
            username=account.username or None,
            password=account.password or None,
            auth=self._auth,
            enable_rfc6764=False,
        )
        client.session.close()
        client.session = open_session(account.url, self._outside, deadline)
        try:
            with _in_plain_words():
                yield client
            # The server said how to sign in: it need not be asked again.
            self._auth = client.auth
        except UpstreamError:
            self._auth = None
            raise
        finally:
            client.close()
            deadline.close()

    def _read(self, client: DAVClient) -> list[KnownCalendar]:
        known = self._calendars(client)
        if not self._account.calendars:
            return list(known)
        wanted = (_named(name, known, "caldav.calendars") for name in self._account.calendars)
        return list(dict.fromkeys(wanted))

    def _target(self, client: DAVClient) -> KnownCalendar:
        if name := self._account.default_calendar:
            return _named(name, self._calendars(client), "caldav.default_calendar")
        return self._read(client)[0]

    def _calendars(self, client: DAVClient) -> tuple[KnownCalendar, ...]:
        with self._lock:
            if time.monotonic() < self._known_until:
                return self._known
        found = tuple(
            KnownCalendar(str(item.url), str(item.id), str(item.get_display_name() or item.id))
            for item in client.get_calendars()[:MOST_CALENDARS]
        )
        if not found:
            raise UpstreamError("The account has no calendars; is caldav.url its address?")
        with self._lock:
            self._known, self._known_until = found, time.monotonic() + _KNOWN_FOR_S
        return found

    def forget(self) -> None:
        """Look for calendars anew the next time: one of them may have moved."""
        with self._lock:
            self._known_until = 0.0


def windows(start: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """[start, end) in pieces that a server can answer."""
    while start < end:
        last = min(start + WINDOW, end)
        yield start, last
        start = last


def _time_range(start: dt.datetime, end: dt.datetime) -> str:
    # Servers compare whole days and times without a zone as if they were in UTC.
    margin = dt.timedelta(days=1)
    inside = cdav.CompFilter("VEVENT") + cdav.TimeRange(start - margin, end + margin)
    query: BaseElement = cdav.CalendarQuery()
    query += dav.Prop() + cdav.CalendarData()
    query += cdav.Filter() + (cdav.CompFilter("VCALENDAR") + inside)
    return str(etree.tostring(query.xmlelement(), encoding="unicode"))


def _named(name: str, known: tuple[KnownCalendar, ...], setting: str) -> KnownCalendar:
    wanted = name.casefold()
    for calendar in known:
        if wanted in (calendar.name.casefold(), calendar.id.casefold()):
            return calendar
    raise UpstreamError(f"The server has no calendar {name}, which {setting} names")


def _address(calendar: KnownCalendar, uid: str) -> str:
    return f"{calendar.url.rstrip('/')}/{quote(uid, safe='')}.ics"


@contextlib.contextmanager
def _in_plain_words() -> Iterator[None]:
    """Turn the library's errors, which quote the server and its address, into ours."""
    try:
        yield
    except dav_error.AuthorizationError as error:
        if error.status == 403:
            raise UpstreamError(
                "The calendar server does not allow this account to do that"
            ) from None
        raise UpstreamError(
            "The calendar server does not accept caldav.username with its password"
        ) from None
    except (dav_error.DAVError, etree.LxmlError):
        raise UpstreamError("The calendar server does not answer as one should") from None
    except NotImplementedError:
        raise UpstreamError("The calendar server wants an unknown way of signing in") from None
