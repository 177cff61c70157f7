"""Words and patterns of a language's time expressions, read from its data file `times.toml`."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import msgspec

from pisovereign.languages import Language, load_data
from pisovereign.languages.patterns import Pattern, PatternExpander, either, in_one_line
from pisovereign.reading.times.expressions import DayPart

# A name may occur several times in a pattern, told apart by digits at its end.
Groups = dict[str, str]
_Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
DayUnit = Literal["day", "week", "fortnight", "month", "year"]
_NAME = re.compile(r"\(\?P<\w+>")
_MINUTES_OF = {"hour": 60.0, "minute": 1.0, "second": 1 / 60}
# What all languages write with the same digits.
_DIGITS: Mapping[str, Pattern] = {
    "d": ("3[01]", r"[12]\d", "0?[1-9]"),
    "hour_digits": ("2[0-4]", r"1\d", r"0?\d"),
    "iso_date": r"\d{4}-\d\d-\d\d",
}


class _Compound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers of two groups in one: `{tens}-{ones}`; `add` is what is added to their sum."""

    form: str
    add: float = 0


class _Weekdays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days by name, and by what the names are shortened to; Monday is 0."""

    names: Mapping[str, int]
    short: Mapping[str, int] = {}


class _TimesFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data file, whose entries docs/languages.md explains."""

    exact_from: int
    minutes_exact: bool
    before: tuple[str, ...]
    half_more: str = "(?!)"
    numbers: Mapping[str, Mapping[str, float]]
    compounds: tuple[_Compound, ...] = ()
    hour_words: Mapping[str, int] = {}
    lengths: Mapping[str, int]
    units: Mapping[Literal["hour", "minute", "second"], Pattern]
    day_units: Mapping[DayUnit, Pattern]
    days: Mapping[str, int]
    weekdays: _Weekdays
    months: Mapping[str, _Month]
    parts: Mapping[DayPart, tuple[str, ...]]
    holidays: Mapping[str, str]
    patterns: Mapping[str, Pattern]
    rules: Mapping[str, Pattern]


class TimePatterns(NamedTuple):
    """Words and patterns of one language, all in lower case.

    Attributes:
        rules: Patterns by the name of the function in `rules` that interprets them. Their groups
            are what that function asks for.
        clock: A time of day, also without anything that tells it from a number.
        amounts: One number and its unit in a length.
        numbers: Numbers in words.
        hour_words: Hours that are no numbers: "midi".
        units: Minutes of each unit of a length, and a pattern for its words.
        lengths: Minutes of lengths that are no number and unit, or follow one.
        half_more: What adds half of the last unit to a length.
        day_units: Units of days, and a pattern for the words of each.
        before: Words for a time before the hour: quarter "to".
        days: How many days from today.
        weekdays: Weekdays by their names and short forms; Monday is 0.
        months: What the names of the months begin with; January is 1.
        parts: Parts of the day.
        holidays: Month and day.
        exact_from: The first hour that is unambiguous if minutes or "Uhr" are given with it;
            earlier ones may be in the afternoon.
        minutes_exact: Whether a time with its minutes is one of 24 hours.
    """

    rules: Mapping[str, str]
    clock: str
    amounts: str
    numbers: Mapping[str, float]
    hour_words: Mapping[str, int]
    units: tuple[tuple[float, re.Pattern[str]], ...]
    lengths: Mapping[str, int]
    half_more: re.Pattern[str]
    day_units: tuple[tuple[DayUnit, re.Pattern[str]], ...]
    before: tuple[str, ...]
    days: Mapping[str, int]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    parts: Mapping[str, DayPart]
    holidays: Mapping[str, tuple[int, int]]
    exact_from: int
    minutes_exact: bool

    def day_unit(self, words: str) -> DayUnit:
        """Return the unit that words of the pattern for units of days name."""
        return next(unit for unit, pattern in self.day_units if pattern.fullmatch(words))

    def minutes_of(self, words: str) -> float:
        """Return the minutes of the unit of a length that words name."""
        return next(minutes for minutes, pattern in self.units if pattern.fullmatch(words))


def load_times(language: Language) -> TimePatterns:
    """Return the time expressions of a language.

    Raises:
        msgspec.ValidationError: The data file lacks an entry or has one too many.
        ValueError: A pattern names one that there is not.
    """
    data = msgspec.convert(load_data(language, "times"), _TimesFile)
    expander = PatternExpander({**_DIGITS, **_tables(data), **data.patterns})
    return TimePatterns(
        rules={name: expander.expand(pattern) for name, pattern in data.rules.items()},
        clock=expander.expand("{clock_parts}"),
        amounts=expander.expand("{length_parts}"),
        numbers=_numbers(data),
        hour_words=data.hour_words,
        units=tuple(
            (_MINUTES_OF[unit], re.compile(expander.expand(words)))
            for unit, words in data.units.items()
        ),
        lengths=data.lengths,
        half_more=re.compile(in_one_line(data.half_more)),
        day_units=tuple(
            (unit, re.compile(expander.expand(words))) for unit, words in data.day_units.items()
        ),
        before=data.before,
        days=data.days,
        weekdays={**data.weekdays.short, **data.weekdays.names},
        months=data.months,
        parts={word: part for part, words in data.parts.items() for word in words},
        holidays={name: _month_and_day(day) for name, day in data.holidays.items()},
        exact_from=data.exact_from,
        minutes_exact=data.minutes_exact,
    )


def _tables(data: _TimesFile) -> dict[str, Pattern]:
    """Return a pattern for each table of words."""
    compounds = [
        re.escape(each.form).replace(r"\{", "{").replace(r"\}", "}") for each in data.compounds
    ]
    simple = itertools.chain.from_iterable(data.numbers.values())
    return {
        **{name: either(words) for name, words in data.numbers.items()},
        "number_words": (*compounds, either(simple)),
        "day_unit": tuple(f"{{unit_of_{unit}}}" for unit in data.day_units),
        **{f"unit_of_{unit}": words for unit, words in data.day_units.items()},
        "day": either(data.days),
        "weekday": either(data.weekdays.names),
        "weekday_short": either([*data.weekdays.names, *data.weekdays.short]),
        "part": either(itertools.chain.from_iterable(data.parts.values())),
        "holiday": either(data.holidays),
        "hour_words": either(data.hour_words),
    }


def _numbers(data: _TimesFile) -> dict[str, float]:
    """Return every number in words, also those that are made of others."""
    numbers: dict[str, float] = {}
    for compound in data.compounds:
        groups = re.findall(r"\{(\w+)\}", compound.form)
        for words in itertools.product(*(data.numbers[group].items() for group in groups)):
            text = compound.form.format_map(
                {group: word for group, (word, _) in zip(groups, words, strict=True)}
            )
            numbers[text] = sum(value for _, value in words) + compound.add
    for group in data.numbers.values():
        numbers |= group
    return numbers


def _month_and_day(text: str) -> tuple[int, int]:
    day = dt.date.fromisoformat(f"2028-{text}")
    return day.month, day.day


def unnamed(pattern: str) -> str:
    """Return the pattern without names."""
    return _NAME.sub("(?:", pattern)
