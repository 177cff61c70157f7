"""Arguments of reminders, alarms, timers and events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial

from pisovereign.actions.types import (
    CancelReminders,
    CreateCalendarEvent,
    CreateReminder,
    DeleteCalendarEvent,
    ListReminders,
    MoveCalendarEvent,
    MoveReminder,
    SetAlarm,
    SetTimer,
    SnoozeReminder,
)
from pisovereign.parsing.partial_commands import ArgumentReader, PartialCommand, Source
from pisovereign.parsing.requests import Request, duration_of
from pisovereign.parsing.times.expressions import (
    Clock,
    ClockRange,
    Day,
    DayPart,
    Duration,
    Expression,
    Offset,
    PartOfDay,
)
from pisovereign.parsing.times.resolution import (
    ResolvedTime,
    event_time,
    reminder_time,
    resolve_days,
)

_MOST_SECONDS = 7 * 24 * 3600
# Alarms between them are meant in the morning, if it is not said otherwise.
_KIND_WORDS = {
    "alarm": "alarm", "timer": "timer", "reminder": "reminder",
    "wecker": "alarm", "erinnerung": "reminder",
}  # fmt: skip
_DAWN, _WAKING, _NOON = 4 * 60, 7 * 60, 12 * 60


def _when(request: Request, expressions: Sequence[Expression]) -> dt.datetime | None:
    """Return when something is to come; None: nothing says so, or it is over."""
    if not expressions or not request.is_possible:
        return None
    when = reminder_time(expressions, request.at, request.hint)
    return None if when is None or when.is_past else when.start


def _event(source: Source) -> PartialCommand:
    request = source.request
    when: ResolvedTime | None = None
    if request.is_possible and request.expressions:
        when = event_time(request.expressions, request.at, request.hint)
    known = when is not None and not when.is_past
    # Nothing says in a calendar entry that it comes again: it is asked for once, with its time.
    start = when.start if when and known and request.repeat is None else None
    end = when.end if when and start else None
    arguments = {"title": source.about("title"), "start": start, "end": end}
    return PartialCommand(CreateCalendarEvent, arguments, ("title", "start"))


def _reminder(source: Source) -> PartialCommand:
    request = source.request
    expressions = _offsets(request.expressions)
    if request.repeat is not None:  # at nine is every morning, however late it is today
        expressions = _mornings(expressions, earliest=_WAKING)
    arguments = {
        "title": source.about("title"),
        "remind_at": _when(request, expressions),
        "repeat": request.repeat,
    }
    return PartialCommand(CreateReminder, arguments, ("title", "remind_at"))


def _repeated(source: Source) -> PartialCommand:
    return _reminder(source)._replace(required=("title", "remind_at", "repeat"))


def _alarm(source: Source) -> PartialCommand:
    request = source.request
    timed = request.has_clock or any(isinstance(e, Duration) for e in request.expressions)
    arguments = {
        "at": _when(request, _mornings(_offsets(request.expressions))) if timed else None,
        "label": source.text("title"),
        "repeat": request.repeat,
    }
    return PartialCommand(SetAlarm, arguments, ("at",))


def _timer(source: Source) -> PartialCommand:
    length = duration_of(source.request.expressions)
    seconds = round(length.total_seconds()) if length else 0
    arguments = {
        "seconds": seconds if 0 < seconds <= _MOST_SECONDS else None,
        "label": source.text("title"),
    }
    return PartialCommand(SetTimer, arguments, ("seconds",))


def _snoozed(source: Source) -> PartialCommand:
    length = duration_of(source.request.expressions)
    minutes = round(length.total_seconds() / 60) if length else None
    kind = _KIND_WORDS.get(source.text("kind") or "")
    possible = minutes is None or 1 <= minutes <= _MOST_SECONDS // 60
    named = not source.request.expressions or minutes is not None
    # What names a time of day instead of a length moves something, and is no snooze.
    return PartialCommand(
        SnoozeReminder,
        {"minutes": minutes, "kind": kind},
        () if possible and named else ("minutes",),
    )


def _listed(kind: str | None, source: Source) -> PartialCommand:
    days = resolve_days(_days(source.request), source.request.at)
    named = days is not None and bool(_days(source.request))
    arguments = {
        "kind": kind,
        "start": (days[0] or source.request.at.now) if days and named else None,
        "days": days[1] if days and named else None,
    }
    return PartialCommand(ListReminders, arguments)


def _canceled(kind: str, source: Source) -> PartialCommand:
    request = source.request
    about = source.about("about")
    at = _when(request, _as_of(kind, request.expressions)) if request.has_clock else None
    everything = source.has("all") and not about and not request.expressions
    arguments = {"kind": kind, "about": about, "at": at, "everything": everything}
    return PartialCommand(CancelReminders, arguments)


def _as_of(kind: str, expressions: Sequence[Expression]) -> Sequence[Expression]:
    return _mornings(expressions) if kind == "alarm" else expressions


def _mornings(expressions: Sequence[Expression], earliest: int = _DAWN) -> list[Expression]:
    """Return expressions with hours of the morning where nothing tells: alarms ring then."""
    clocks = [e for e in expressions if isinstance(e, Clock)]
    told = any(isinstance(e, PartOfDay | ClockRange) for e in expressions)
    early = all(not c.exact and earliest <= c.minute < _NOON for c in clocks)
    if told or not clocks or not early:
        return list(expressions)
    return [*expressions, PartOfDay(DayPart.MORNING)]


def _deleted_event(source: Source) -> PartialCommand:
    request = source.request
    days = resolve_days(_days(request), request.at) if _days(request) else None
    arguments = {
        "about": source.about("about"),
        "start": (days[0] or _midnight(request)) if days else None,
        "days": days[1] if days else None,
    }
    return PartialCommand(DeleteCalendarEvent, arguments, ("about|start",))


def _moved_reminder(source: Source) -> PartialCommand:
    request = source.request
    old, new = _old_and_new(source)
    kinds = {"alarm": "alarm", "timer": "timer"}
    kind = kinds.get(source.text("kind") or "", "reminder")
    arguments = {
        "remind_at": _when(request, _as_of(kind, new)),
        "kind": kind,
        "about": source.about("about"),
        "at": _when(request, _as_of(kind, old)) if old else None,
    }
    return PartialCommand(MoveReminder, arguments, ("remind_at",))


def _moved_event(source: Source) -> PartialCommand:
    request = source.request
    old, new = _old_and_new(source)
    when = event_time(new, request.at, request.hint) if new and request.is_possible else None
    day = event_time(old, request.at, request.hint) if old else None
    timed = any(isinstance(e, Clock | ClockRange | Offset | PartOfDay) for e in new)
    arguments = {
        "start": when.start if when and not when.is_past else None,
        "end": when.end if when and any(isinstance(e, ClockRange) for e in new) else None,
        "about": source.about("about"),
        "day": day.start if day and timed else None,
    }
    return PartialCommand(MoveCalendarEvent, arguments, ("start",))


def _old_and_new(source: Source) -> tuple[list[Expression], list[Expression]]:
    """Return the time that something has, and the one that it is to have."""
    request = source.request
    if source.spans is not None:
        old, new = (request.within(source.spans.get(name)) for name in ("old", "new"))
        if len(new) == 1 and isinstance(new[0], ClockRange) and not old:  # "from 3 to 4"
            return [new[0].first], [new[0].last]
        return old, new
    if len(request.phrases) < 2:
        return [], request.expressions
    return list(request.phrases[0].expressions), [
        e for phrase in request.phrases[1:] for e in phrase.expressions
    ]


def _days(request: Request) -> list[Expression]:
    return [
        e for e in request.expressions if not isinstance(e, Clock | ClockRange | Duration | Offset)
    ]


def _midnight(request: Request) -> dt.datetime:
    local = request.at.local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(dt.UTC)


def _offsets(expressions: Sequence[Expression]) -> list[Expression]:
    """Return expressions with durations counted from now: an alarm for ten minutes."""
    named = any(isinstance(e, Clock | Day | Offset) for e in expressions)
    return [
        Offset(e.minutes) if isinstance(e, Duration) and e.minutes and not named else e
        for e in expressions
    ]


REMINDER_READERS: Mapping[str, ArgumentReader] = {
    "event": _event,
    "reminder": _reminder,
    "reminder_again": _repeated,
    "alarm": _alarm,
    "timer": _timer,
    "snooze": _snoozed,
    "reminders": partial(_listed, None),
    "alarms": partial(_listed, "alarm"),
    "timers": partial(_listed, "timer"),
    "cancel_reminder": partial(_canceled, "reminder"),
    "cancel_alarm": partial(_canceled, "alarm"),
    "cancel_timer": partial(_canceled, "timer"),
    "delete_event": _deleted_event,
    "move_reminder": _moved_reminder,
    "move_event": _moved_event,
}
