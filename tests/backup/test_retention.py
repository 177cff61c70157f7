"""The rule by which backups go: what it keeps, and what it can never take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.backup.make import dated_name
from pisovereign.backup.retention import Rule, dated_backup, superfluous

KEY = "1f0a9c3e" + "0" * 8
ZONE = ZoneInfo("Europe/Berlin")
RULE = Rule(daily=7, weekly=4, monthly=6)
MOMENTS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=dt.UTC)
)
RULES = st.builds(Rule, st.integers(1, 9), st.integers(0, 5), st.integers(0, 7))


def named(moments: list[dt.datetime]) -> list[str]:
    return [dated_name(KEY, moment.timestamp()) for moment in moments]


def kept(names: list[str], rule: Rule, protected: Collection[str] = ()) -> set[str]:
    return set(names) - set(superfluous(names, KEY[:8], rule, ZONE, protected))


@given(st.lists(MOMENTS, min_size=1, max_size=60, unique=True), RULES)
def test_the_newest_always_stays_and_no_more_than_the_rule_says(
    moments: list[dt.datetime], rule: Rule
) -> None:
    names = named(moments)
    stay = kept(names, rule)
    assert max(names) in stay
    assert len(stay) <= sum(rule)
    # What stays is not thinned out further.
    assert kept(sorted(stay), rule) == stay


@given(st.lists(MOMENTS, min_size=1, max_size=40, unique=True), RULES, st.data())
def test_the_last_good_one_always_stays(
    moments: list[dt.datetime], rule: Rule, data: st.DataObject
) -> None:
    names = named(moments)
    good = data.draw(st.sampled_from(names))
    assert good in kept(names, rule, {good})


@given(st.lists(MOMENTS, min_size=1, max_size=40, unique=True), RULES, MOMENTS)
def test_one_more_never_takes_another_period_than_the_oldest(
    moments: list[dt.datetime], rule: Rule, more: dt.datetime
) -> None:
    names = named(moments)
    before, after = kept(names, rule), kept([*names, *named([more])], rule)
    # Each of the three rows can lose one at most: the newest of a period that it has again.
    assert len(before - after) <= 3


@given(st.lists(MOMENTS, max_size=20, unique=True))
def test_what_others_put_there_is_left_alone(moments: list[dt.datetime]) -> None:
    others = [
        *(dated_name("00000000" + "0" * 8, moment.timestamp()) for moment in moments),
        "before the move.backup",
        f"{named([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)])[0]}.part",
        "pisovereign-1f0a9c3e-20241399T000000Z.backup",
        "letters.txt",
    ]
    assert superfluous(others, KEY[:8], Rule(1, 0, 0), ZONE, ()) == []


def test_two_years_of_nights_leave_days_weeks_and_months() -> None:
    begin = dt.datetime(2025, 1, 1, 3, tzinfo=ZONE)
    there: set[str] = set()
    for day in range(730):
        moment = begin + dt.timedelta(days=day)
        new = dated_name(KEY, moment.timestamp())
        there.add(new)
        there -= set(superfluous(there, KEY[:8], RULE, ZONE, {new}))
    found = sorted(dated.made_at for name in there if (dated := dated_backup(name)))
    ages = [(found[-1] - moment).days for moment in found]
    assert ages == sorted({0, 1, 2, 3, 4, 5, 6, *ages}, reverse=True)
    assert len(ages) <= sum(RULE)
    assert 150 <= ages[0] <= 190  # six months back
    assert sum(1 for age in ages if 6 < age <= 31) >= 2


def test_days_begin_where_the_household_is() -> None:
    # 23:30 and 00:30 in Berlin: one day in UTC, two days there.
    late = dt.datetime(2026, 7, 1, 21, 30, tzinfo=dt.UTC)
    names = named([late, late + dt.timedelta(hours=1)])
    assert kept(names, Rule(2, 0, 0)) == set(names)
    assert superfluous(names, KEY[:8], Rule(2, 0, 0), ZoneInfo("UTC"), ()) == [names[0]]
