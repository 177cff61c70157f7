"""Parts that clauses of a request take from others: place and days of a trip, a reminder's day."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

import msgspec

from pisovereign.actions.types import (
    CreateCalendarEvent,
    CreateReminder,
    CurrentWeather,
    ListCalendarEvents,
)
from pisovereign.agents.messages import say
from pisovereign.agents.planning.interpretation import Interpretation, Reader
from pisovereign.agents.planning.wording import compiled, phrase, phrases

# As they are written: names begin with a capital letter.
_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_NAME = (
    rf"{_CAPITAL}[\w'-]*\.?(?:\s+(?!{{not_in_names}}\b)"
    rf"(?:{{name_particles}}(?=\s+{_CAPITAL})|{_CAPITAL}[\w'-]*)(?=\s|$|[,.:;!?])){{0,2}}"
)
_PLACE = compiled(rf"\b{{place_prepositions}}\s+(?P<place>{_NAME})", re.NOFLAG)
_NO_PLACE = compiled("{no_place}")
_OCCASION = compiled(r"\b{occasion}\b")
_EVENTS = compiled("{events_of_trip}[.!]*")
_RANGE = compiled(r"{range_from}\s+(?P<first>.+?)\s+{range_to}\s+(?P<last>.+)")
_REMIND = compiled(r"{remind_me}\s+")
_TODAY = compiled(r"\b{today}\b")


class Days(NamedTuple):
    """Whole days from a moment on."""

    start: dt.datetime
    days: int


class Context(msgspec.Struct, frozen=True):
    """Place and days that hold for every clause that names none.

    `occasion` is whether it is about a journey.
    """

    place: str | None = None
    days: Days | None = None
    occasion: bool = False

    def complete(self, interpretation: Interpretation, *, timed: bool) -> Interpretation:
        """Return it with what it leaves open filled in; `timed`: it names its own time."""
        match interpretation.command:
            case CurrentWeather(location=None) if self.place:
                return msgspec.structs.replace(
                    interpretation, command=CurrentWeather(location=self.place)
                )
            case ListCalendarEvents(start=None) if self.days and not timed:
                days = ListCalendarEvents(start=self.days.start, days=self.days.days)
                return msgspec.structs.replace(interpretation, command=days)
            case _:
                return interpretation

    def event(self, text: str, reader: Reader) -> Interpretation | None:
        """Return the event that "create the events" asks for, if the context tells which.

        It ends at midnight where the user is, also if clocks are changed before.
        """
        if not (self.place and self.days and self.occasion) or not _EVENTS.fullmatch(text):
            return None
        start = self.days.start.astimezone(reader.zone)
        command = CreateCalendarEvent(
            title=say("trip", reader.language, self.place),
            start=self.days.start,
            end=(start + dt.timedelta(self.days.days)).astimezone(dt.UTC),
            location=self.place,
        )
        return Interpretation("create_event", command)


def is_occasion(text: str) -> bool:
    """Return whether a text is about a journey."""
    return bool(_OCCASION.search(text)) and bool(_PLACE.search(text))


def context_of(text: str, reader: Reader) -> Context:
    """Return the place and days that a text names."""
    when = reader.phrase(text)
    place = next(
        (
            found["place"].rstrip(".")
            for found in _PLACE.finditer(text)
            if not _NO_PLACE.fullmatch(found["place"])
        ),
        None,
    )
    days = days_of(when, reader) if when else None
    return Context(place, days, bool(_OCCASION.search(text)))


def days_of(when: str, reader: Reader) -> Days | None:
    """Return the days that a phrase about time names."""
    for asked in phrases("calendar", when):
        command = reader.parse(asked).command
        if isinstance(command, ListCalendarEvents) and command.start is not None:
            return Days(command.start, command.days)
    if found := _RANGE.fullmatch(when):
        first, last = days_of(found["first"], reader), days_of(found["last"], reader)
        if first and last:
            # Rounded, as a day on which clocks are changed has 23 or 25 hours.
            days = round((last.start - first.start) / dt.timedelta(1)) + last.days
            if days <= 0:  # each weekday was taken for the next one of its name
                days += 7
            return Days(first.start, days) if days > 0 else None
    return None


def further_reminder(text: str, before: CreateReminder, reader: Reader) -> CreateReminder | None:
    """Return the reminder that a clause adds, on the day of the one before if it names none.

    The clause has to begin with its phrase about time.
    """
    when = reader.phrase(text)
    verb = _REMIND.match(text)
    said = text[verb.end() :] if verb else text
    if when is None or not said.startswith(when):
        return None
    texts = [phrase(reader.language, "remind", said)]
    if not _TODAY.search(when) and days_of(when, reader) is None:
        dated = f"{before.remind_at.astimezone(reader.zone):%Y-%m-%d} {said}"
        texts.insert(0, phrase(reader.language, "remind_on", dated))
    commands = [reader.parse(variant).command for variant in texts]
    found = [command for command in commands if isinstance(command, CreateReminder)]
    # After "at 9" of this evening, "at 10" is no longer this morning.
    later = (reminder for reminder in found if reminder.remind_at > before.remind_at)
    return next(later, found[0] if found else None)
