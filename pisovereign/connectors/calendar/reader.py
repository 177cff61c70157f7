"""The process that reads iCalendar text: `python -m` with the name of this module.

Anybody who knows a mail address can put an event into its calendar, and some rules take hours to
compute. Here they take their second and are left out; at worst the process ends, and nothing else.
It gets one request on its input, answers on its output, and has no network, key or database.
"""

from __future__ import annotations

import datetime as dt
import logging
import resource
import signal
import sys
import warnings
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.connectors.calendar.editing import EditedEvent, Uneditable, edit_event
from pisovereign.connectors.calendar.task_text import EditedTask, edit_task, read_tasks
from pisovereign.connectors.calendar.task_types import Task, TaskEdit
from pisovereign.connectors.calendar.types import Edit
from pisovereign.connectors.ical.occurrences import Occurrence, occurrences

_MEMORY_BYTES = 512 * 1024 * 1024
_OBJECT_CPU_S = 1.0
# What the libraries raise over text that nobody foresaw.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


class CalendarObject(msgspec.Struct, frozen=True):
    """One resource of a calendar: the calendar's name, its own id, and its iCalendar text."""

    calendar: str
    id: str
    text: str


class ReadRequest(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """A request for everything that touches [start, end), at most `most` occurrences.

    `zone` is the name of the user's time zone; after `limit_s` the process ends by itself.
    """

    zone: str
    start: dt.datetime
    end: dt.datetime
    most: int
    limit_s: float
    objects: list[CalendarObject]


class FoundOccurrence(msgspec.Struct, frozen=True):
    """An occurrence, the name of its calendar, and the id of its object."""

    calendar: str
    id: str
    occurrence: Occurrence


class EditRequest(msgspec.Struct, frozen=True, kw_only=True, tag="edit"):
    """A request to change the only event of an object."""

    zone: str
    text: str
    edit: Edit
    limit_s: float


class EditResult(msgspec.Struct, frozen=True, kw_only=True):
    """The changed object, or why there is none."""

    edited: EditedEvent | None = None
    refused: str = ""


class ReadResult(msgspec.Struct, frozen=True, kw_only=True):
    """The occurrences in order of time; `skipped` counts objects that could not be read."""

    found: list[FoundOccurrence]
    skipped: int
    too_many: bool


class TasksRequest(msgspec.Struct, frozen=True, kw_only=True, tag="tasks"):
    """A request for every task of some objects."""

    zone: str
    limit_s: float
    objects: list[CalendarObject]


class TasksResult(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks in no order; `skipped` counts objects that could not be read."""

    tasks: list[Task]
    skipped: int


class TaskEditRequest(msgspec.Struct, frozen=True, kw_only=True, tag="edit_task"):
    """A request to change the only task of an object."""

    zone: str
    text: str
    edit: TaskEdit
    limit_s: float


class TaskEditResult(msgspec.Struct, frozen=True, kw_only=True):
    """The changed object, or why there is none."""

    edited: EditedTask | None = None
    refused: str = ""


ReaderRequest = ReadRequest | EditRequest | TasksRequest | TaskEditRequest
ReaderResult = ReadResult | EditResult | TasksResult | TaskEditResult


class _TooLong(BaseException):
    # Not an Exception: the libraries catch these.
    pass


def read(request: ReadRequest) -> ReadResult:
    """Compute and return the occurrences of all objects."""
    found: list[FoundOccurrence] = []
    skipped = 0
    zone = ZoneInfo(request.zone)
    for item in request.objects:
        try:
            # Less for each that took too long: any number of them ends in time.
            found += _timed(item, request, zone, _OBJECT_CPU_S / (1 + skipped))
        except (_TooLong, *_BROKEN):
            skipped += 1
        if len(found) > request.most:
            return ReadResult(found=[], skipped=skipped, too_many=True)
    found.sort(key=lambda f: (f.occurrence.start, not f.occurrence.all_day, f.occurrence.title))
    return ReadResult(found=found, skipped=skipped, too_many=False)


def change(request: EditRequest) -> EditResult:
    """Change an event, or return why it is not changed."""
    try:
        return EditResult(edited=edit_event(request.text, request.edit, ZoneInfo(request.zone)))
    except Uneditable as error:
        return EditResult(refused=str(error))
    except _BROKEN:
        return EditResult(refused="The event cannot be read well enough to be changed")


def tasks(request: TasksRequest) -> TasksResult:
    """Return the tasks of all objects."""
    found: list[Task] = []
    skipped = 0
    zone = ZoneInfo(request.zone)
    for item in request.objects:
        signal.setitimer(signal.ITIMER_VIRTUAL, _OBJECT_CPU_S / (1 + skipped))
        try:
            found += [
                msgspec.structs.replace(
                    each.task, list=item.calendar, id=item.id if each.single else None
                )
                for each in read_tasks(item.text, zone)
            ]
        except (_TooLong, *_BROKEN):
            skipped += 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return TasksResult(tasks=found, skipped=skipped)


def change_task(request: TaskEditRequest) -> TaskEditResult:
    """Change a task, or return why it is not changed."""
    try:
        zone = ZoneInfo(request.zone)
        return TaskEditResult(edited=edit_task(request.text, request.edit, zone))
    except Uneditable as error:
        return TaskEditResult(refused=str(error))
    except _BROKEN:
        return TaskEditResult(refused="The task cannot be read well enough to be changed")


def answer(request: ReaderRequest) -> ReaderResult:
    """Return what a request asks for."""
    match request:
        case ReadRequest():
            return read(request)
        case EditRequest():
            return change(request)
        case TasksRequest():
            return tasks(request)
        case TaskEditRequest():
            return change_task(request)


def _timed(
    item: CalendarObject, request: ReadRequest, zone: ZoneInfo, limit_s: float
) -> Iterable[FoundOccurrence]:
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        inside = occurrences(item.text, request.start, request.end, zone)
        return [FoundOccurrence(item.calendar, item.id, occurrence) for occurrence in inside]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _too_long(*_: object) -> None:
    raise _TooLong


def main() -> None:
    """Answer one request."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGVTALRM, _too_long)
    # The libraries quote what they cannot read, which is nobody's business.
    logging.disable()
    warnings.simplefilter("ignore")
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=ReaderRequest)
    signal.setitimer(signal.ITIMER_REAL, request.limit_s)
    sys.stdout.buffer.write(msgspec.json.encode(answer(request)))


if __name__ == "__main__":
    main()
