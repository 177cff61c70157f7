"""Arguments of tasks: what is to be done, and when it is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pisovereign.actions.types import AddTask, CompleteTask, ListTasks
from pisovereign.parsing.partial_commands import ArgumentReader, PartialCommand, Source
from pisovereign.parsing.times.expressions import Day, Period
from pisovereign.parsing.times.resolution import event_time, resolve_days


def _listed(source: Source) -> PartialCommand:
    request = source.request
    named = [e for e in request.expressions if isinstance(e, Day | Period)]
    found = resolve_days(named, request.at) if named and request.is_possible else None
    if found is None:
        return PartialCommand(ListTasks, {})
    first, days = found
    today = request.at.local.date()
    ahead = 0 if first is None else (first.astimezone(request.at.zone).date() - today).days
    return PartialCommand(ListTasks, {"days": ahead + days})


def _added(source: Source) -> PartialCommand:
    request = source.request
    due: dt.datetime | None = None
    whole_day = False
    if request.expressions:
        when = event_time(request.expressions, request.at, request.hint)
        if when is None:
            # Times that say nothing of use are a part of what is to be done.
            return PartialCommand(AddTask, {"title": None}, ("title",))
        due, whole_day = when.start, not when.has_time
    arguments = {"title": source.text("title"), "due": due, "whole_day": whole_day}
    return PartialCommand(AddTask, arguments, ("title",))


def _done(source: Source) -> PartialCommand:
    return PartialCommand(CompleteTask, {"about": source.text("about")}, ("about",))


TASK_READERS: Mapping[str, ArgumentReader] = {
    "tasks": _listed,
    "task_add": _added,
    "task_done": _done,
}
