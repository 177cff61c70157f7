"""Changing and deleting events, each after an approval of exactly what was shown.

What was approved holds for one version of the event: if somebody changed it meanwhile, nothing is
done.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pisovereign.errors import NotFound, UpstreamError, ValidationFailed
from pisovereign.integrations.calendar.client import CalDav, Connection
from pisovereign.integrations.calendar.deadline import Deadline
from pisovereign.integrations.calendar.edit import MARK, Edited
from pisovereign.integrations.calendar.objects import Stored, find_object
from pisovereign.integrations.calendar.once import Once
from pisovereign.integrations.calendar.reader import EditRequest
from pisovereign.integrations.calendar.reading import Reading
from pisovereign.integrations.calendar.showing import shown
from pisovereign.integrations.calendar.types import ChangeOfEvent, Edit
from pisovereign.integrations.calendar.writes import remove, replace


class Changes:
    """Prepares changes of one account, and makes them; blocks, for threads.

    Args:
        caldav: the account.
        zone: the user's time zone.
        limit_s: longest time that anything takes.
    """

    def __init__(self, caldav: CalDav, zone: ZoneInfo, limit_s: float) -> None:
        self._caldav = caldav
        self._zone = zone
        self._limit_s = limit_s
        self._once = Once(caldav, limit_s)

    def prepare(self, event: str, edit: Edit, deadline: Deadline, *, delete: bool) -> ChangeOfEvent:
        """The change, with what the event is now and would be.

        Raises:
            NotFound: there is no such event.
            ValidationFailed: it cannot be changed in this way.
            UpstreamError: the calendar cannot be read.
        """
        with Reading() as reading:
            with self._caldav.connected(deadline) as connection:
                stored = find_object(connection, event)
            limit_s = deadline.left_s()
            result = reading.edit(
                EditRequest(zone=self._zone.key, text=stored.text, edit=edit, limit_s=limit_s)
            )
        if result.edited is None:
            raise ValidationFailed([{"field": "event_id", "error": result.refused}])
        return self._change(event, stored, edit.mark, result.edited, delete=delete)

    def make(self, change: ChangeOfEvent) -> str:
        """Make a change that was prepared; returns the name of the calendar.

        Raises:
            Conflict: somebody changed the event meanwhile.
            UpstreamError: it failed, or nobody knows whether it did.
        """

        def act(connection: Connection) -> str:
            if change.text is None:
                remove(connection, change.url, change.etag)
            else:
                replace(connection, change.url, change.etag, change.text)
            return change.calendar

        def look(connection: Connection) -> str | None:
            try:
                stored = find_object(connection, change.id)
            except NotFound:
                return change.calendar if change.text is None else None
            made = change.text is not None and f"{MARK}:{change.mark}" in stored.text
            return change.calendar if made else None

        return self._once.carry_out(act, look)

    def _change(
        self, event: str, stored: Stored, mark: str, edited: Edited, *, delete: bool
    ) -> ChangeOfEvent:
        if f"{MARK}:{mark}" not in edited.text:
            raise UpstreamError("The event cannot be changed")
        before, after = (
            shown(what, self._zone, stored.calendar, event)
            for what in (edited.before, edited.after)
        )
        return ChangeOfEvent(
            id=event,
            calendar=stored.calendar,
            url=stored.url,
            etag=stored.etag,
            mark=mark,
            before=before,
            after=None if delete else after,
            text=None if delete else edited.text,
        )
