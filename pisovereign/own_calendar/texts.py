"""iCalendar text of stored objects, written, read and changed. Blocks, and is imported in threads.

Files that were imported came from others, so what is stored is read in a process of its own. The
libraries take 20 MB, which not everybody needs.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import icalendar
import msgspec

from pisovereign.connectors.calendar.editing import new_event_text
from pisovereign.connectors.calendar.reader import (
    CalendarObject,
    EditRequest,
    EditResult,
    ReadRequest,
    ReadResult,
    TaskEditRequest,
    TaskEditResult,
    TasksRequest,
    TasksResult,
)
from pisovereign.connectors.calendar.reader_process import ReaderProcess
from pisovereign.connectors.calendar.task_text import new_task_text
from pisovereign.connectors.calendar.task_types import NewTask, Task, TaskChange, TaskEdit
from pisovereign.connectors.calendar.types import (
    CalendarEvent,
    Edit,
    EventChange,
    NewEvent,
    event_of,
)
from pisovereign.errors import UpstreamError, ValidationFailed
from pisovereign.own_calendar.names import NAME, OWN
from pisovereign.own_calendar.store import StoredObject

MOST_EVENTS = 5000
LIMIT_S = 30.0
_log = logging.getLogger(__name__)


class Texts:
    """The texts of stored objects, in the time zone of their user.

    Args:
        zone: That zone.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def new_event(self, event: NewEvent, uid: str) -> str:
        """Return the text of an event."""
        return new_event_text(event, uid, self._zone)

    def new_task(self, task: NewTask, uid: str) -> str:
        """Return the text of a task."""
        return new_task_text(task, uid, self._zone)

    def merged(self, texts: Sequence[str]) -> bytes:
        """Return one file with the events and tasks of all objects, as other programs import it."""
        whole = icalendar.Calendar()
        whole.add("prodid", "-//PiSovereign//EN")
        whole.add("version", "2.0")
        whole.add("x-wr-calname", NAME)
        for text in texts:
            for item in icalendar.Calendar.from_ical(text).subcomponents:
                if item.name in ("VEVENT", "VTODO"):
                    whole.add_component(item)
        # What each object says of its zones holds for its own years.
        whole.add_missing_timezones()
        return bytes(whole.to_ical())

    def events(
        self, stored: Sequence[StoredObject], start: dt.datetime, end: dt.datetime
    ) -> list[CalendarEvent]:
        """Return every occurrence that touches [start, end), in order of time.

        Raises:
            UpstreamError: There are too many, or they take too long.
        """
        request = ReadRequest(
            zone=self._zone.key,
            start=start,
            end=end,
            most=MOST_EVENTS,
            limit_s=LIMIT_S,
            objects=_objects(stored),
        )
        with ReaderProcess() as reading:
            result = reading.ask(request, ReadResult)
        if result.skipped:
            _log.warning("%d events cannot be read", result.skipped)
        if result.too_many:
            raise UpstreamError(f"There are more than {MOST_EVENTS} events: ask for fewer days")
        return [
            event_of(f.occurrence, self._zone, f.calendar, f.id if f.occurrence.single else None)
            for f in result.found
        ]

    def tasks(self, stored: Sequence[StoredObject]) -> list[Task]:
        """Return the tasks, in no order.

        Raises:
            UpstreamError: They take too long.
        """
        request = TasksRequest(zone=self._zone.key, limit_s=LIMIT_S, objects=_objects(stored))
        with ReaderProcess() as reading:
            result = reading.ask(request, TasksResult)
        if result.skipped:
            _log.warning("%d tasks cannot be read", result.skipped)
        return result.tasks

    def changed_event(self, stored: StoredObject, edit: Edit, *, delete: bool) -> EventChange:
        """Return a change of an event that is ready to be made.

        Raises:
            ValidationFailed: It cannot be changed in this way.
        """
        request = EditRequest(zone=self._zone.key, text=stored.text, edit=edit, limit_s=LIMIT_S)
        with ReaderProcess() as reading:
            result = reading.ask(request, EditResult)
        if (edited := result.edited) is None:
            raise ValidationFailed([{"field": "event_id", "error": result.refused}])
        name = str(stored.id)
        return EventChange(
            id=name,
            calendar=NAME,
            url=OWN,
            etag=str(stored.version),
            mark=edit.mark,
            before=event_of(edited.before, self._zone, NAME, name),
            after=None if delete else event_of(edited.after, self._zone, NAME, name),
            text=None if delete else edited.text,
        )

    def changed_task(self, stored: StoredObject, edit: TaskEdit) -> TaskChange:
        """Return a change of a task that is ready to be made.

        Raises:
            ValidationFailed: It cannot be changed in this way.
        """
        request = TaskEditRequest(zone=self._zone.key, text=stored.text, edit=edit, limit_s=LIMIT_S)
        with ReaderProcess() as reading:
            result = reading.ask(request, TaskEditResult)
        if (edited := result.edited) is None:
            raise ValidationFailed([{"field": "task_id", "error": result.refused}])
        name = str(stored.id)
        return TaskChange(
            id=name,
            list=NAME,
            url=OWN,
            etag=str(stored.version),
            mark=edit.mark,
            before=_named(edited.before, name),
            after=_named(edited.after, name),
            text=edited.text,
        )


def _objects(stored: Sequence[StoredObject]) -> list[CalendarObject]:
    return [CalendarObject(NAME, str(each.id), each.text) for each in stored]


def _named(task: Task, name: str) -> Task:
    return msgspec.structs.replace(task, list=NAME, id=name)
