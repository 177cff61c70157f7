"""Arguments of questions: about the calendar, the weather, mail, time, numbers and units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from pisovereign.actions.types import (
    Calculate,
    ConvertUnits,
    CurrentWeather,
    DateTimeQuestion,
    EmailSummary,
    Help,
    ListCalendarEvents,
    MorningBriefing,
)
from pisovereign.parsing.partial_commands import ArgumentReader, PartialCommand, Source
from pisovereign.parsing.times.expressions import Day, Duration, Offset, Period
from pisovereign.parsing.times.resolution import event_time, resolve_days

_MOST_PLACE_WORDS = 4
_MOST_MAILS = 100


def _calendar(source: Source) -> PartialCommand:
    request = source.request
    named = [e for e in request.expressions if isinstance(e, Day | Period)]
    days = resolve_days(named, request.at) if request.is_possible else None
    arguments = {"days": days[1] if days else 1, "start": days[0] if days else None}
    return PartialCommand(ListCalendarEvents, arguments)


def _weather(source: Source) -> PartialCommand:
    return PartialCommand(CurrentWeather, {"location": _place(source), "day": _day(source)})


def _place(source: Source) -> str | None:
    if place := source.text("place"):
        return place
    found = source.forms.signal("place", source.request.cut)
    if found is None:
        return None
    place = source.reader.clean(source.request.words(found[1]["place"]), articles=False)
    short = 0 < len(place.split()) <= _MOST_PLACE_WORDS
    return place if short and source.forms.signal("no_place", place.lower()) is None else None


def _day(source: Source) -> dt.date | None:
    """Return the first day that is named; None: none is, or it is today."""
    request = source.request
    for expression in request.expressions:
        day = expression.on if isinstance(expression, Day) else None
        if isinstance(expression, Period):
            day = expression.first
        if day is not None:
            return None if day == request.at.local.date() else day
    return None


def _emails(source: Source) -> PartialCommand:
    digits = [int(w) for w in source.request.cut.split() if w.isascii() and w.isdigit()]
    count = digits[0] if len(digits) == 1 and 1 <= digits[0] <= _MOST_MAILS else None
    return PartialCommand(EmailSummary, {"count": count})


def _clock(about: str | None, source: Source) -> PartialCommand:
    request = source.request
    if about is None:
        found = source.forms.signal("about_clock", request.cut)
        about = found[0] if found else "time"
    moment: dt.datetime | None = None
    timed = [e for e in request.expressions if not isinstance(e, Duration | Offset)]
    if timed and request.is_possible:
        when = event_time(timed, request.at, request.hint)
        moment = when.start if when else None
    today = all(isinstance(e, Day) and e.on == request.at.local.date() for e in timed)
    # A day that there is not is asked for once more: today is no answer to it.
    needs = about in ("days_until", "time_until", "day_of") or not request.is_possible
    arguments = {
        "about": about,
        "moment": None if today and not needs else moment,
        "location": _place(source),
    }
    return PartialCommand(DateTimeQuestion, arguments, ("moment",) if needs else ())


def _sum(source: Source) -> PartialCommand:
    expression = source.said("expression")
    if expression is None:
        found = source.forms.signal("expression", source.request.utterance.normalized)
        expression = source.request.words(found[1]["expression"]) if found else None
    return PartialCommand(Calculate, {"expression": expression}, ("expression",))


def _units(source: Source) -> PartialCommand:
    amount = source.text("amount")
    arguments = {
        "amount": _number(amount, source.numbers) if amount else None,
        "unit": source.text("unit"),
        "to": source.text("to"),
    }
    return PartialCommand(ConvertUnits, arguments, ("amount", "unit", "to"))


def _number(text: str, numbers: Mapping[str, float]) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return numbers.get(text.lower(), 1.0 if len(text) < 5 else None)


def _plain(kind: type[MorningBriefing | Help], source: Source) -> PartialCommand:
    return PartialCommand(kind, {})


QUESTION_READERS: Mapping[str, ArgumentReader] = {
    "calendar": _calendar,
    "weather": _weather,
    "emails": _emails,
    "briefing": partial(_plain, MorningBriefing),
    "help": partial(_plain, Help),
    "clock": partial(_clock, None),
    "clock_time": partial(_clock, "time"),
    "clock_date": partial(_clock, "date"),
    "clock_weekday": partial(_clock, "weekday"),
    "clock_week": partial(_clock, "week"),
    "clock_days_until": partial(_clock, "days_until"),
    "clock_time_until": partial(_clock, "time_until"),
    "clock_day_of": partial(_clock, "day_of"),
    "sum": _sum,
    "units": _units,
}
