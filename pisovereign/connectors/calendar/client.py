"""An account on a calendar server: signing in, and which calendars it has. Blocks; for threads.

The library's discovery and its wire format are used. Its search and its event objects are not:
they parse the text of strangers in this process.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from caldav.davclient import DAVClient
from caldav.lib import error as dav_error
from lxml import etree

from pisovereign.connectors.blocking import Deadline
from pisovereign.connectors.calendar.session import OutboundAccess, make_session
from pisovereign.errors import UpstreamError

# What errors call the server.
SERVER = "The calendar server"
_MOST_CALENDARS = 200
_KNOWN_FOR_S = 600.0
_CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_COMPONENTS = f"{_CALDAV}supported-calendar-component-set"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account on a calendar server, with its password: not to be logged.

    `calendars` are the names of those that are read, empty for all; `default_calendar` gets new
    events, empty for the first that is read. `task_lists` and `default_task_list` are the same for
    tasks.
    """

    url: str
    username: str
    password: str
    calendars: tuple[str, ...] = ()
    default_calendar: str = ""
    task_lists: tuple[str, ...] = ()
    default_task_list: str = ""

    def __repr__(self) -> str:
        return f"Account({self.url!r})"


class CalendarInfo(msgspec.Struct, frozen=True):
    """A calendar on the server: its address, the last part of that, and what people call it."""

    url: str
    id: str
    name: str


class CalDavClient:
    """A client for one account on a calendar server.

    Args:
        account: where, who, and which calendars.
        access: what connections are made with.
    """

    def __init__(self, account: Account, access: OutboundAccess) -> None:
        self._account = account
        self._access = access
        self._auth: Any = None
        self._calendars = _CalendarCache()
        self._task_lists = _CalendarCache()

    @contextlib.contextmanager
    def connect(self, deadline: Deadline) -> Iterator[Connection]:
        """Open a connection, for one thread.

        Raises:
            UpstreamError: whatever goes wrong in the block.
        """
        account = self._account
        client = DAVClient(
            account.url,
            username=account.username or None,
            password=account.password or None,
            auth=self._auth,
            enable_rfc6764=False,
        )
        client.session.close()
        client.session = make_session(account.url, self._access, deadline)
        try:
            with _errors_translated():
                yield Connection(client, account, self._calendars, self._task_lists)
            # The server said how to sign in: it need not be asked again.
            self._auth = client.auth
        except UpstreamError:
            self._auth = None
            raise
        finally:
            client.close()
            deadline.close()

    def check(self, deadline: Deadline) -> None:
        """Check that the server answers for the account.

        Raises:
            UpstreamError: it does not.
        """
        with self.connect(deadline) as connection:
            connection.client.get_principal()

    def keeps_tasks(self, deadline: Deadline) -> bool:
        """Return whether there is a list of tasks.

        Raises:
            UpstreamError: nobody knows.
        """
        if self._task_lists.get():
            return True
        with self.connect(deadline) as connection:
            return bool(connection.task_lists())

    def describe(self, deadline: Deadline) -> str:
        """Return which calendars are read, and where new events go.

        Raises:
            UpstreamError: nobody knows.
        """
        self._calendars.forget()
        with self.connect(deadline) as connection:
            names = ", ".join(calendar.name for calendar in connection.calendars_to_read())
            return f"reads {names}; new events go to {connection.calendar_for_new().name}"


class _NotThere(UpstreamError):
    """The account has no such calendar."""


class _CalendarCache:
    """The calendars that were found, kept for some minutes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[CalendarInfo, ...] = ()
        self._until = 0.0

    def get(self) -> tuple[CalendarInfo, ...]:
        with self._lock:
            return self._known if time.monotonic() < self._until else ()

    def keep(self, found: tuple[CalendarInfo, ...]) -> None:
        with self._lock:
            self._known, self._until = found, time.monotonic() + _KNOWN_FOR_S

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0


class Connection:
    """A client of the library, and the calendars of the account."""

    def __init__(
        self,
        client: DAVClient,
        account: Account,
        calendars: _CalendarCache,
        task_lists: _CalendarCache,
    ) -> None:
        self.client = client
        self._account = account
        self._calendars = calendars
        self._task_lists = task_lists

    def calendars_to_read(self) -> list[CalendarInfo]:
        """Return the calendars that are read.

        Raises:
            UpstreamError: one that the configuration names is not there.
        """
        known = self._all()
        if not self._account.calendars:
            return list(known)
        wanted = (_named(name, known, "caldav.calendars") for name in self._account.calendars)
        return list(dict.fromkeys(wanted))

    def calendar_for_new(self) -> CalendarInfo:
        """Return the calendar that new events go to: no list that takes tasks alone.

        Raises:
            UpstreamError: it is not there.
        """
        return self._find(self._calendar_for_new)

    def _calendar_for_new(self) -> CalendarInfo:
        if name := self._account.default_calendar:
            return _named(name, self._all(), "caldav.default_calendar")
        for calendar in self.calendars_to_read():
            if self._takes("VEVENT", calendar):
                return calendar
        raise _NotThere("The account has no calendar that takes events")

    def task_lists(self) -> list[CalendarInfo]:
        """Return the lists of tasks that are read; empty if the account has none.

        Raises:
            UpstreamError: one that the configuration names is not there.
        """
        known = self._task_lists.get()
        if not known:
            known = tuple(found for found in self._all() if self._takes("VTODO", found))
            self._task_lists.keep(known)
        if not self._account.task_lists:
            return list(known)
        wanted = (_named(name, known, "caldav.task_lists") for name in self._account.task_lists)
        return list(dict.fromkeys(wanted))

    def task_list_for_new(self) -> CalendarInfo:
        """Return the list that new tasks go to.

        Raises:
            UpstreamError: there is none.
        """
        return self._find(self._task_list_for_new)

    def _task_list_for_new(self) -> CalendarInfo:
        found = self.task_lists()
        if name := self._account.default_task_list:
            return _named(name, tuple(found), "caldav.default_task_list")
        if not found:
            raise _NotThere("The account has no list of tasks")
        return found[0]

    def forget(self) -> None:
        """Look for calendars anew the next time: one of them may have moved."""
        self._calendars.forget()
        self._task_lists.forget()

    def _find(self, look: Callable[[], CalendarInfo]) -> CalendarInfo:
        """Look among the calendars that are known, then among those that are there now."""
        known = self._calendars.get() or self._task_lists.get()
        try:
            return look()
        except _NotThere:
            if not known:
                raise
            self.forget()
            return look()

    def _takes(self, component: str, calendar: CalendarInfo) -> bool:
        """Return whether such may be put there; a server that does not say takes everything."""
        answer = self.client.propfind(calendar.url, [_COMPONENTS])
        if answer.status not in (200, 207) or answer.tree is None:
            return False
        names = [item.get("name", "").upper() for item in answer.tree.iter(f"{_CALDAV}comp")]
        return component in names or not names

    def _all(self) -> tuple[CalendarInfo, ...]:
        if known := self._calendars.get():
            return known
        found = tuple(
            CalendarInfo(str(item.url), str(item.id), str(item.get_display_name() or item.id))
            for item in self.client.get_calendars()[:_MOST_CALENDARS]
        )
        if not found:
            raise UpstreamError("The account has no calendars; is caldav.url its address?")
        self._calendars.keep(found)
        return found


def _named(name: str, known: tuple[CalendarInfo, ...], setting: str) -> CalendarInfo:
    wanted = name.casefold()
    for calendar in known:
        if wanted in (calendar.name.casefold(), calendar.id.casefold()):
            return calendar
    raise _NotThere(f"The server has no calendar {name}, which {setting} names")


@contextlib.contextmanager
def _errors_translated() -> Iterator[None]:
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
