"""Tasks as iCalendar text: read, changed with everything else as it was, and written anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import icalendar
import msgspec
from icalendar import Calendar, Component

from pisovereign.connectors.calendar.editing import Uneditable, mark_change, written_in
from pisovereign.connectors.calendar.task_types import NewTask, Task, TaskEdit
from pisovereign.connectors.ical.occurrences import moment_of, parse_calendar, text_of
from pisovereign.connectors.ical.repair import drop_broken, recurs, reset_zones, time_property

_LONGEST_TITLE = 500
_ENDED = ("COMPLETED", "CANCELLED")


class TaskText(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was read; `single` is true for the only one of its object that never recurs."""

    task: Task
    single: bool


class EditedTask(msgspec.Struct, frozen=True, kw_only=True):
    """The new text of a task, and the task before and after."""

    text: str
    before: Task
    after: Task


def read_tasks(text: str, zone: ZoneInfo) -> Iterator[TaskText]:
    """Yield the tasks of one object; of one that recurs, what is written down of it.

    Raises:
        ValueError: It cannot be read.
    """
    todos = _todos(parse_calendar(text, "VTODO"))
    for todo in todos:
        drop_broken(todo)
    single = len(todos) == 1 and not recurs(todos[0])
    for todo in todos:
        if text_of(todo, "STATUS", 20).upper() != "CANCELLED":
            yield TaskText(task=_task(todo, zone), single=single)


def edit_task(text: str, edit: TaskEdit, zone: ZoneInfo) -> EditedTask:
    """Change the only task of an object, and return its new text.

    Raises:
        Uneditable: It recurs, or is no single task.
    """
    reset_zones()
    calendar = Calendar.from_ical(text)
    todos = _todos(calendar)
    if len(todos) != 1 or recurs(todos[0]):
        raise Uneditable("A task that recurs is changed in a program for tasks")
    (todo,) = todos
    before = _task(todo, zone)
    if edit.title is not None:
        _set(todo, "SUMMARY", edit.title)
    if edit.due is not None:
        _set(todo, "DUE", _due(edit.due, zone, whole_day=edit.whole_day))
        _keep_start_before(todo, edit.due, zone)
    if edit.done is not None:
        _set_done(todo, edit)
    mark_change(todo, edit.mark, edit.at)
    calendar.add_missing_timezones()
    return EditedTask(text=str(calendar.to_ical(), "utf-8"), before=before, after=_task(todo, zone))


def new_task_text(task: NewTask, uid: str, zone: ZoneInfo) -> str:
    """Return the object to store."""
    entry = icalendar.Todo()
    entry.add("uid", uid)
    entry.add("dtstamp", dt.datetime.now(dt.UTC))
    entry.add("summary", task.title)
    entry.add("status", "NEEDS-ACTION")
    if task.due is not None:
        entry.add("due", _due(task.due, zone, whole_day=task.whole_day))
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//PiSovereign//EN")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    if task.due is not None and not task.whole_day:
        calendar.add_missing_timezones(
            first_date=task.due.date() - dt.timedelta(366),
            last_date=task.due.date() + dt.timedelta(366),
        )
    return str(calendar.to_ical(), "utf-8")


def _todos(calendar: Component) -> list[Component]:
    return [item for item in calendar.subcomponents if item.name == "VTODO"]


def _task(todo: Component, zone: ZoneInfo) -> Task:
    due = time_property(todo, "DUE")
    percent = text_of(todo, "PERCENT-COMPLETE", 5)
    done = text_of(todo, "STATUS", 20).upper() in _ENDED or "COMPLETED" in todo
    return Task(
        title=text_of(todo, "SUMMARY", _LONGEST_TITLE) or "(no title)",
        due=None if due is None else moment_of(due, zone),
        whole_day=due is not None and not isinstance(due, dt.datetime),
        done=done or percent == "100",
    )


def _due(due: dt.datetime, zone: ZoneInfo, *, whole_day: bool) -> dt.date:
    return due.astimezone(zone).date() if whole_day else written_in(due, zone)


def _keep_start_before(todo: Component, due: dt.datetime, zone: ZoneInfo) -> None:
    """Take out a start that would be after the end, and a length, which an end excludes."""
    todo.pop("DURATION", None)
    start = time_property(todo, "DTSTART")
    due_property = time_property(todo, "DUE")
    whole = isinstance(start, dt.datetime) == isinstance(due_property, dt.datetime)
    if start is not None and (not whole or moment_of(start, zone) > due):
        todo.pop("DTSTART", None)


def _set_done(todo: Component, edit: TaskEdit) -> None:
    for name in ("STATUS", "COMPLETED", "PERCENT-COMPLETE"):
        todo.pop(name, None)
    todo.add("STATUS", "COMPLETED" if edit.done else "NEEDS-ACTION")
    if edit.done:
        todo.add("COMPLETED", edit.at)
        todo.add("PERCENT-COMPLETE", 100)


def _set(todo: Component, name: str, value: object) -> None:
    todo.pop(name, None)
    todo.add(name, value)
