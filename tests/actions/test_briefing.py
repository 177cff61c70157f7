"""The briefing with sources that are there, away, slow and broken."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest

from pisovereign.actions.backends import Backends
from pisovereign.actions.briefing import Briefing, BriefingAction, BriefingTask, MorningBriefing
from pisovereign.connectors.calendar.task_types import Task
from pisovereign.errors import ServiceUnavailable, UpstreamError
from pisovereign.languages.messages import Clock
from tests.actions.support import (
    ANNA,
    BERLIN,
    CALLER,
    HOLIDAY,
    REMINDER,
    STANDUP,
    FakeCalendar,
    FakeContacts,
    FakeMail,
    FakeReminders,
    FakeTasks,
    FakeWeather,
    a_minute,
    backends,
    utc,
)


def made(weather: FakeWeather, calendar: FakeCalendar, mail: FakeMail, limit: float) -> Briefing:
    sources = backends(weather=weather, calendar=calendar, mail=mail, briefing_limit_s=limit)
    return asyncio.run(BriefingAction(sources).run(CALLER, MorningBriefing()))


def test_everything_is_there() -> None:
    mail = FakeMail()
    briefing = made(FakeWeather(), FakeCalendar([HOLIDAY, STANDUP]), mail, 5)
    assert msgspec.to_builtins(briefing) == {
        "reminders": [],
        "weather": "15°C, partly cloudy",
        "calendar": [
            {"time": None, "title": "Carnival"},
            {"time": "09:00", "title": "Team standup"},
        ],
        "emails": {"unread": 5, "important": 2},
        "sources": {"weather": "ok", "calendar": "ok", "emails": "ok"},
    }
    assert mail.asked == [(CALLER.identity.user_id, 0)]


def test_it_holds_the_reminders_of_today_and_what_is_due() -> None:
    now = dt.datetime.now(dt.UTC)
    due = msgspec.structs.replace(REMINDER, title="Due", remind_at=now - dt.timedelta(days=1))
    timer = msgspec.structs.replace(due, kind="timer", title="Eggs")
    sources = backends(reminders=FakeReminders(REMINDER, due, timer))
    briefing = asyncio.run(BriefingAction(sources).run(CALLER, MorningBriefing()))
    assert briefing.reminders is not None
    # That of the year 2099 is not.
    assert [reminder.title for reminder in briefing.reminders] == ["Due"]


def test_one_that_ends_after_midnight_is_of_the_day_on_which_it_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its events were of one day, and its birthdays and tasks of the next."""
    looks = iter([utc("2026-05-16 21:59:59"), *[utc("2026-05-16 22:00:01")] * 9])
    monkeypatch.setattr(Backends, "clock", lambda *_: Clock(next(looks), BERLIN))
    calendar, midnight = FakeCalendar([STANDUP]), utc("2026-05-16 22:00")
    tasks = FakeTasks(
        Task(title="Before", due=midnight - dt.timedelta(hours=1), whole_day=False, list="Tasks"),
        Task(title="After", due=midnight + dt.timedelta(hours=1), whole_day=False, list="Tasks"),
    )
    sources = backends(calendar=calendar, tasks=tasks, contacts=FakeContacts(ANNA))
    briefing = asyncio.run(BriefingAction(sources).run(CALLER, MorningBriefing()))
    assert [end for _, _, end in calendar.asked] == [midnight]
    assert briefing.tasks == [BriefingTask(title="Before", overdue=False)]
    assert not briefing.birthdays  # Anna's is on the 17th


def test_no_event_is_not_no_calendar() -> None:
    empty = made(FakeWeather(), FakeCalendar([]), FakeMail(), 5)
    assert (empty.calendar, empty.sources.calendar) == ([], "ok")
    failing = FakeCalendar(UpstreamError("The calendar server refuses the password"))
    down = made(FakeWeather(), failing, FakeMail(), 5)
    assert down.calendar is None
    assert down.sources.calendar == "The calendar server refuses the password"


def test_nothing_is_configured() -> None:
    briefing = asyncio.run(BriefingAction(backends()).run(CALLER, MorningBriefing()))
    assert (briefing.weather, briefing.calendar, briefing.emails) == (None, None, None)
    assert set(msgspec.to_builtins(briefing.sources).values()) == {"not_configured"}


def test_a_slow_source_is_left_out() -> None:
    briefing = made(FakeWeather(before=a_minute), FakeCalendar([STANDUP]), FakeMail(), 0.1)
    assert briefing.weather is None
    assert briefing.sources.weather == "The weather service did not answer within 0.1 seconds"
    assert briefing.sources.calendar == briefing.sources.emails == "ok"


def test_a_fault_of_ours_spoils_only_its_part() -> None:
    briefing = made(
        FakeWeather(ServiceUnavailable("The weather service is away")),
        FakeCalendar(ZeroDivisionError("secret")),
        FakeMail(),
        5,
    )
    assert briefing.sources.weather == "The weather service is away"
    assert briefing.sources.calendar == "failed because of an internal error"
    assert briefing.emails is not None


def test_sources_are_asked_at_the_same_time() -> None:
    """Each source waits for the others to have been asked, so one after the other would not end."""
    meeting = asyncio.Barrier(3)
    briefing = made(
        FakeWeather(before=meeting.wait),
        FakeCalendar([STANDUP], before=meeting.wait),
        FakeMail(before=meeting.wait),
        5,
    )
    assert set(msgspec.to_builtins(briefing.sources).values()) == {"ok"}
