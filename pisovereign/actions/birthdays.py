"""Birthdays: whose it is on a day, and how they are said."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence

import msgspec

from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.languages.messages import Messages

_LEAP_DAY = (2, 29)
_ANY_YEAR = 2000


class Birthday(msgspec.Struct, frozen=True, kw_only=True):
    """A person's birthday, and how old they become; None: nobody wrote down the year."""

    name: str
    age: int | None


def birthdays_on(day: dt.date, everybody: Sequence[Contact]) -> list[Birthday]:
    """Return whose birthday is on a day; who was born on a leap day has it on the 28th else."""
    found: list[Birthday] = []
    for contact in everybody:
        born = _parts(contact.birthday)
        if born is None:
            continue
        year, month, of_month = born
        if (month, of_month) == _LEAP_DAY and not calendar.isleap(day.year):
            of_month = 28
        if (month, of_month) == (day.month, day.day):
            found.append(Birthday(name=contact.name, age=day.year - year if year else None))
    return found


def birthday_in_words(birthday: str, messages: Messages) -> str:
    """Return `17 May 1980`, or the day and month alone."""
    parts = _parts(birthday)
    if parts is None:
        return birthday
    year, month, of_month = parts
    words = messages.day_of_year(dt.date(year or _ANY_YEAR, month, of_month))
    return f"{words} {year}" if year else words


def _parts(birthday: str | None) -> tuple[int | None, int, int] | None:
    """Return year, month and day; None: there is none that is a day."""
    if birthday is None:
        return None
    try:
        if birthday.startswith("--"):
            on = dt.date.fromisoformat(f"{_ANY_YEAR}-{birthday[2:]}")
            return None, on.month, on.day
        on = dt.date.fromisoformat(birthday)
    except ValueError:
        return None
    return on.year, on.month, on.day
