"""Writing to a calendar although answers get lost, and changing events as they were approved.

What was approved holds for one version of the event: if somebody changed it meanwhile, nothing is
done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from pisovereign.connectors.blocking import Deadline
from pisovereign.connectors.calendar.client import SERVER, CalDavClient, Connection
from pisovereign.connectors.calendar.editing import CHANGE_PROPERTY, EditedEvent
from pisovereign.connectors.calendar.objects import (
    StoredObject,
    get_object,
    remove_object,
    replace_object,
)
from pisovereign.connectors.calendar.reader import EditRequest, EditResult
from pisovereign.connectors.calendar.reader_process import ReaderProcess
from pisovereign.connectors.calendar.types import Edit, EventChange, event_of
from pisovereign.errors import (
    Conflict,
    HostFailed,
    HostPaused,
    NotFound,
    UpstreamError,
    ValidationFailed,
)

T = TypeVar("T")
# Shares of the time limit: each attempt to write is followed by a look.
_ATTEMPTS = (0.35, 0.25)
_LOOK = 0.2


class IdempotentWriter:
    """A writer to one account that finds out what became of a write; blocks, for threads.

    Args:
        caldav: the account.
        limit_s: longest time that a write takes with everything.
    """

    def __init__(self, caldav: CalDavClient, limit_s: float) -> None:
        self._caldav = caldav
        self._limit_s = limit_s

    def run(self, act: Callable[[Connection], T], look: Callable[[Connection], T | None]) -> T:
        """Do it, or find that it is done already, and return what `act` returns.

        Args:
            act: does it; may be called again, and then does nothing more.
            look: what `act` would return if it is done, else None.

        Raises:
            Conflict: the calendar is no longer as it was.
            UpstreamError: it failed, or nobody knows whether it did.
        """
        sent = False
        for share in _ATTEMPTS:
            deadline = Deadline(self._limit_s * share, SERVER)
            conflict: Conflict | None = None
            try:
                with self._caldav.connect(deadline) as connection:
                    return act(connection)
            except Conflict as error:
                # Perhaps with what an earlier attempt, of a process that died, has made of it.
                conflict = error
            except UpstreamError as error:
                lost = error
                if not isinstance(error, HostFailed) or isinstance(error, HostPaused):
                    break
                sent = sent or deadline.connected
            if (done := self._look(look)) is not None:
                return done
            if conflict is not None:
                raise conflict
        if not sent:
            raise lost
        raise UpstreamError(f"{lost.message}; it is not known whether the calendar was changed")

    def _look(self, look: Callable[[Connection], T | None]) -> T | None:
        with (
            contextlib.suppress(UpstreamError),
            self._caldav.connect(Deadline(self._limit_s * _LOOK, SERVER)) as connection,
        ):
            return look(connection)
        return None


class EventChanges:
    """Changes of events of one account, prepared and made; blocks, for threads.

    Args:
        caldav: the account.
        limit_s: longest time that anything takes.
    """

    def __init__(self, caldav: CalDavClient, limit_s: float) -> None:
        self._caldav = caldav
        self._limit_s = limit_s
        self._writer = IdempotentWriter(caldav, limit_s)

    def prepare(
        self, event: str, edit: Edit, zone: ZoneInfo, deadline: Deadline, *, delete: bool
    ) -> EventChange:
        """Prepare a change, with what the event is now and would be, in a time zone.

        Raises:
            NotFound: there is no such event.
            ValidationFailed: it cannot be changed in this way.
            UpstreamError: the calendar cannot be read.
        """
        with ReaderProcess() as reading:
            with self._caldav.connect(deadline) as connection:
                stored = get_object(connection, event, connection.calendars_to_read())
            limit_s = deadline.left_s()
            result = reading.ask(
                EditRequest(zone=zone.key, text=stored.text, edit=edit, limit_s=limit_s), EditResult
            )
        if result.edited is None:
            raise ValidationFailed([{"field": "event_id", "error": result.refused}])
        return _change(event, stored, edit.mark, result.edited, zone, delete=delete)

    def apply(self, change: EventChange) -> str:
        """Make a change that was prepared, and return the name of the calendar.

        Raises:
            Conflict: somebody changed the event meanwhile.
            UpstreamError: it failed, or nobody knows whether it did.
        """

        def act(connection: Connection) -> str:
            if change.text is None:
                remove_object(connection, change.url, change.etag)
            else:
                replace_object(connection, change.url, change.etag, change.text)
            return change.calendar

        def look(connection: Connection) -> str | None:
            try:
                stored = get_object(connection, change.id, connection.calendars_to_read())
            except NotFound:
                return change.calendar if change.text is None else None
            made = change.text is not None and f"{CHANGE_PROPERTY}:{change.mark}" in stored.text
            return change.calendar if made else None

        return self._writer.run(act, look)


def _change(
    event: str,
    stored: StoredObject,
    mark: str,
    edited: EditedEvent,
    zone: ZoneInfo,
    *,
    delete: bool,
) -> EventChange:
    if f"{CHANGE_PROPERTY}:{mark}" not in edited.text:
        raise UpstreamError("The event cannot be changed")
    before, after = (
        event_of(what, zone, stored.calendar, event) for what in (edited.before, edited.after)
    )
    return EventChange(
        id=event,
        calendar=stored.calendar,
        url=stored.url,
        etag=stored.etag,
        mark=mark,
        before=before,
        after=None if delete else after,
        text=None if delete else edited.text,
    )
