"""What clauses of a request take from others: place and days of a trip, the day of a reminder."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.types import (
    CreateCalendarEvent,
    CreateReminder,
    CurrentWeather,
    ListCalendarEvents,
)
from pisovereign.agents.planning.interpretation import Interpretation, ParseText
from pisovereign.languages import Language

_DAY = (
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch"
)
_NAME = (
    rf"[A-ZÄÖÜ][\w'-]*\.?(?:\s+(?!(?:am\s+)?(?:{_DAY}|Wochenende)\b)"
    r"(?:(?:am|an\s+der|upon)(?=\s+[A-ZÄÖÜ])|[A-ZÄÖÜ][\w'-]*)(?=\s|$|[,.:;!?])){0,2}"
)
_PLACE = re.compile(rf"\b(?:[Tt]o|[Ii]n|[Ff]or|[Nn]ach|[Aa]t|[Ff]ür)\s+(?P<place>{_NAME})")
_NO_PLACE = re.compile(
    r"""(?:january|february|march|april|may|june|july|august|september|october|november|december
    |monday|tuesday|wednesday|thursday|friday|saturday|sunday|januar|februar|märz|mai|juni|juli
    |oktober|dezember|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|hause?|woche
    |stunden?|minuten?|tagen?|wochen|monat(?:en)?|kalender|ordnung|i|my|the|zukunft|weihnachten
    |christmas|easter|ostern)\b.*""",
    re.VERBOSE | re.IGNORECASE,
)
_OCCASION = re.compile(
    r"\b(?P<what>trip|journey|visit|flight|holiday|vacation|excursion|travels?|travell?ing"
    r"|reise|ausflug|fahrt|flug|urlaub|besuch|aufenthalt|fliege|fahre|verreise)\b",
    re.IGNORECASE,
)
_EVENTS = re.compile(
    r"""(?:please\s+|bitte\s+)?(?:
      (?:create|add|make|enter|plan|schedule|set\s+up|put)\s+(?:(?:the|an?|all|my|any|some)\s+)?
        (?:(?:calendar|needed|necessary|matching)\s+)*(?:events?|entr(?:y|ies)|appointments?)
        (?:\s+(?:for\s+(?:it|that|the\s+trip)|in(?:to)?\s+my\s+calendar))?
    | (?:erstelle?|lege?|trage?|mach|plane?)\s+(?:(?:die|den|einen|eine|passende|alle|mir)\s+)*
        (?:termine?|kalendereinträge?|einträge?|kalendereintrag)
        (?:\s+(?:dafür|dazu|in\s+(?:den|meinen)\s+kalender))?(?:\s+(?:an|ein))?
    | (?:(?:die|den|einen|eine|passende|alle)\s+)*
        (?:termine?|kalendereinträge?|einträge?|kalendereintrag)
        (?:\s+(?:dafür|dazu|in\s+(?:den|meinen)\s+kalender))?
        \s+(?:anlegen|eintragen|erstellen|planen|machen)
    )[.!]*""",
    re.VERBOSE | re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:from|von|vom)\s+(?P<first>.+?)\s+(?:to|until|till|through|bis(?:\s+zum)?)\s+(?P<last>.+)",
    re.IGNORECASE,
)
_SHOW = {"en": "show my calendar", "de": "zeig meinen Kalender"}
_TITLES = {"en": "Trip to {}", "de": "Reise nach {}"}
_REMIND = re.compile(r"(?:remind me|erinner[e']? mich)\s+", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|tonight|heute)\b", re.IGNORECASE)
_REMIND_ON = {"en": ("remind me", "on"), "de": ("erinnere mich", "am")}


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

    def event(self, text: str, language: Language, zone: ZoneInfo) -> Interpretation | None:
        """Return the event that "create the events" asks for, if the context tells which.

        It ends at midnight in `zone`, also if clocks are changed before.
        """
        if not (self.place and self.days and self.occasion) or not _EVENTS.fullmatch(text):
            return None
        command = CreateCalendarEvent(
            title=_TITLES[language].format(self.place),
            start=self.days.start,
            end=(self.days.start.astimezone(zone) + dt.timedelta(self.days.days)).astimezone(
                dt.UTC
            ),
            location=self.place,
        )
        return Interpretation("create_event", command)


def is_occasion(text: str) -> bool:
    """Return whether a text is about a journey."""
    return bool(_OCCASION.search(text)) and bool(_PLACE.search(text))


def context_of(text: str, when: str | None, parse: ParseText) -> Context:
    """Return the place and days that a text names; `when` is its phrase about time."""
    place = next(
        (
            found["place"].rstrip(".")
            for found in _PLACE.finditer(text)
            if not _NO_PLACE.fullmatch(found["place"])
        ),
        None,
    )
    days = days_of(when, parse) if when else None
    return Context(place, days, bool(_OCCASION.search(text)))


def days_of(when: str, parse: ParseText) -> Days | None:
    """Return the days that a phrase about time names."""
    for show in _SHOW.values():
        command = parse(f"{show} {when}").command
        if isinstance(command, ListCalendarEvents) and command.start is not None:
            return Days(command.start, command.days)
    if found := _RANGE.fullmatch(when):
        first, last = days_of(found["first"], parse), days_of(found["last"], parse)
        if first and last:
            # Rounded, as a day on which clocks are changed has 23 or 25 hours.
            days = round((last.start - first.start) / dt.timedelta(1)) + last.days
            if days <= 0:  # each weekday was taken for the next one of its name
                days += 7
            return Days(first.start, days) if days > 0 else None
    return None


def further_reminder(
    text: str,
    when: str | None,
    before: CreateReminder,
    parse: ParseText,
    *,
    language: Language,
    zone: ZoneInfo,
) -> CreateReminder | None:
    """Return the reminder that a clause adds, on the day of the one before if it names none.

    Args:
        text: The clause.
        when: Its phrase about time, with which it has to begin.
        before: The reminder that the clause before it asks for.
        parse: The command parser.
        language: What the request is in.
        zone: Where days begin and end.
    """
    verb = _REMIND.match(text)
    said = text[verb.end() :] if verb else text
    if when is None or not said.startswith(when):
        return None
    lead, on = _REMIND_ON[language]
    texts = [f"{lead} {said}"]
    if not _TODAY.search(when) and days_of(when, parse) is None:
        texts.insert(0, f"{lead} {on} {before.remind_at.astimezone(zone):%Y-%m-%d} {said}")
    commands = [parse(variant).command for variant in texts]
    found = [command for command in commands if isinstance(command, CreateReminder)]
    # After "at 9" of this evening, "at 10" is no longer this morning.
    later = (reminder for reminder in found if reminder.remind_at > before.remind_at)
    return next(later, found[0] if found else None)
