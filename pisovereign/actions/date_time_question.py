"""Questions that the clock and the calendar of the year answer."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.durations import counted, duration
from pisovereign.actions.fields import Moment, Place
from pisovereign.actions.intent import CommandSlots, Intent
from pisovereign.actions.messages import quote
from pisovereign.actions.place_zones import zone_named, zone_of
from pisovereign.actions.spec import ActionSpec
from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.named_things import place
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.expressions import Day, Duration, Offset
from pisovereign.reading.times.resolution import event_time

About = Literal["time", "date", "weekday", "week", "days_until", "time_until", "day_of"]


class DateTimeQuestion(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Ask about now or about `moment`, here or in the time zone of `location`.

    `day_of` asks which day a moment is: its full date.
    """

    about: About
    moment: Moment | None = None
    location: Place | None = None


# What is asked of a moment makes no sense without one.
_NEED_A_MOMENT = ("days_until", "time_until", "day_of")


class DateTimeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question about dates and times.

    `local` is the moment in question, with the offset of `zone`; `week` its number in the year (ISO
    8601). `days` and `seconds` are from now until `moment`, negative if it is past. With the
    problem `unknown_place` nothing is known.
    """

    about: About
    moment: dt.datetime | None
    location: str | None
    zone: str | None = None
    local: dt.datetime | None = None
    week: int | None = None
    days: int | None = None
    seconds: int | None = None
    problem: Literal["unknown_place"] | None = None


def _read(about: About | None, wording: Wording) -> PartialCommand | None:
    request, location = wording.request, place(wording)
    asked: str | None = about
    if asked is None:
        found = wording.forms.signal("about_clock", request.cut)
        asked = found[0] if found else None
    moment: dt.datetime | None = None
    timed = [e for e in request.expressions if not isinstance(e, Duration | Offset)]
    if timed and request.is_possible:
        when = event_time(timed, request.at, request.hint)
        moment = when.start if when else None
    today = all(isinstance(e, Day) and e.on == request.at.local.date() for e in timed)
    if asked is None:
        # What names a time and nothing else does not ask for it.
        if not today and location is None:
            return None
        asked = "time"
    # A day that there is not is asked for once more: today is no answer to it.
    needs = asked in _NEED_A_MOMENT or not request.is_possible
    arguments = {
        "about": asked,
        "moment": None if today and not needs else moment,
        "location": location,
    }
    return PartialCommand(DateTimeQuestion, arguments, ("moment",) if needs else ())


class DateTimeAction(DirectAction[DateTimeQuestion, DateTimeAnswer]):
    """Reads the clock and the calendar; no model is asked."""

    spec = ActionSpec(
        name="date_time",
        module="date_time_question",
        type=DateTimeQuestion,
        result=DateTimeAnswer,
        intents=(
            Intent("clock", partial(_read, None)),
            *(Intent(f"clock_{about}", partial(_read, about)) for about in get_args(About)),
        ),
        of_the_world=True,
        slots=CommandSlots(moment="moment", place="location"),
    )

    async def run(self, caller: Caller, command: DateTimeQuestion) -> DateTimeAnswer:
        """Return what the clock says.

        Raises:
            ValidationFailed: A moment is missing.
        """
        if command.moment is None and command.about in _NEED_A_MOMENT:
            raise ValidationFailed([{"field": "moment", "error": "is required"}])
        asked = DateTimeAnswer(
            about=command.about, moment=command.moment, location=command.location
        )
        zone = await self._zone(caller, command.location)
        if zone is None:
            return msgspec.structs.replace(asked, problem="unknown_place")
        now = dt.datetime.now(dt.UTC)
        local = (command.moment or now).astimezone(zone)
        days = seconds = None
        if command.moment is not None:
            days = (local.date() - now.astimezone(zone).date()).days
            seconds = round((command.moment - now).total_seconds())
        return msgspec.structs.replace(
            asked,
            zone=zone.key,
            local=local,
            week=local.isocalendar().week,
            days=days,
            seconds=seconds,
        )

    def describe(self, result: DateTimeAnswer, messages: Messages, clock: Clock) -> str:
        """Return the answer in a sentence."""
        place = quote(result.location or "")
        if result.local is None:
            return messages.say("date_time.unknown_place", place=place)
        local = result.local
        date = messages.full_date(local.date())
        match result.about:
            case "time":
                return _time(result, local, messages, clock)
            case "week":
                return messages.say("date_time.week", date=date, week=result.week)
            case "days_until":
                return _days(result.days or 0, date, messages)
            case "time_until":
                return _time_until(result, messages, clock)
            case _ if result.moment is None:
                return messages.say("date_time.today", date=date)
            case _:
                return messages.say("date_time.date", date=date)

    async def _zone(self, caller: Caller, location: str | None) -> ZoneInfo | None:
        """Return the zone of a place: from what is known here, else as the weather service has it.

        That knows small towns, too. Where it is away or not set up, the place is unknown.
        """
        if location is None:
            return self._backends.zones(caller.identity.user_id)
        known = zone_of(location)
        if known is not None:
            return known
        try:
            asked = self._backends.weather.zone(location, caller.language)
            name = await within(SOURCE_LIMIT_S, asked, "The weather service")
        except (NotConfigured, UpstreamError, ValidationFailed):
            return None
        return zone_named(name)


def _time(result: DateTimeAnswer, local: dt.datetime, messages: Messages, clock: Clock) -> str:
    there = Clock(clock.now, ZoneInfo(result.zone or "UTC"))
    time = messages.time(local, there)
    if result.location is None:
        return messages.say("date_time.time", time=time)
    values = {"place": quote(result.location), "time": time}
    values["date"] = messages.full_date(local.date())
    if result.moment is None:
        return messages.say("date_time.time_there", **values)
    here = messages.moment(result.moment, clock)
    return messages.say("date_time.time_then", here=here, **values)


def _days(days: int, date: str, messages: Messages) -> str:
    if days == 0:
        return messages.say("date_time.today", date=date)
    key = "date_time.days_until" if days > 0 else "date_time.days_since"
    return messages.say(key, date=date, days=counted("day", abs(days), messages))


def _time_until(result: DateTimeAnswer, messages: Messages, clock: Clock) -> str:
    seconds = result.seconds or 0
    assert result.moment is not None
    key = "date_time.time_until" if seconds > 0 else "date_time.time_since"
    length = duration(abs(seconds), messages)
    return messages.say(key, duration=length, when=messages.moment(result.moment, clock))
