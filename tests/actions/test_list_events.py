"""Whole days in the user's zone, and the limit of a source."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.actions.list_events import ListCalendarEvents, ListEventsAction
from pisovereign.actions.summarize_mail import read_mail
from pisovereign.errors import UpstreamError
from tests.actions.support import BERLIN, CALLER, FakeCalendar, FakeMail, a_minute, backends, utc


def asked(days: int, start: dt.datetime | None) -> tuple[dt.datetime, dt.datetime]:
    calendar = FakeCalendar([])
    action = ListEventsAction(backends(calendar=calendar))
    asyncio.run(action.run(CALLER, ListCalendarEvents(days=days, start=start)))
    ((user, begin, end),) = calendar.asked
    assert user == CALLER.identity.user_id
    return begin, end


@pytest.mark.parametrize(
    ("start", "days", "begin", "end"),
    [
        ("2026-02-07 09:00", 1, "2026-02-06 23:00", "2026-02-07 23:00"),
        ("2026-02-07 23:30", 1, "2026-02-07 23:00", "2026-02-08 23:00"),
        ("2026-03-29 10:00", 1, "2026-03-28 23:00", "2026-03-29 22:00"),  # 23 hours
        ("2026-10-25 10:00", 1, "2026-10-24 22:00", "2026-10-25 23:00"),  # 25 hours
        ("2026-12-31 12:00", 2, "2026-12-30 23:00", "2027-01-01 23:00"),
    ],
)
def test_days_begin_at_midnight(start: str, days: int, begin: str, end: str) -> None:
    assert asked(days, utc(start)) == (utc(begin), utc(end))


@given(
    st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2199, 1, 1), timezones=st.just(dt.UTC)),
    st.integers(1, 366),
)
def test_the_moment_is_in_the_first_day(start: dt.datetime, days: int) -> None:
    begin, end = asked(days, start)
    assert begin <= start < end
    local = begin.astimezone(BERLIN), end.astimezone(BERLIN)
    assert all(moment.time() == dt.time() for moment in local)
    assert (local[1].date() - local[0].date()).days == days


def test_today_holds_now() -> None:
    before = dt.datetime.now(dt.UTC)
    begin, end = asked(1, None)
    assert begin <= dt.datetime.now(dt.UTC)
    assert end > before


def test_a_source_has_its_time() -> None:
    slow = backends(mail=FakeMail(before=a_minute))
    with pytest.raises(UpstreamError, match="mail server did not answer"):
        asyncio.run(read_mail(slow, CALLER, 3, 0.05))
