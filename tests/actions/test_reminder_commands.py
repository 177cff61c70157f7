"""Reminders, alarms and timers that are named in words: canceled, moved, and made again."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from pisovereign.actions.types import Completed
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language
from pisovereign.reminders.types import Reminder
from tests.actions.support import BERLIN, CALLER, REMINDER, FakeReminders, service, utc
from tests.support.days import lasting_day


class Plans:
    """What somebody has planned for tomorrow."""

    def __init__(self) -> None:
        day = lasting_day(BERLIN) + dt.timedelta(days=1)
        self.tomorrow = dt.datetime.combine(day, dt.time(9), BERLIN)
        self.bins, self.ada = self.made("Put the bins out"), self.made("Call Ada", hours=3)

    def made(self, title: str, *, hours: int = 0, **fields: Any) -> Reminder:
        """Return one that comes so many hours after nine."""
        at = (self.tomorrow + dt.timedelta(hours=hours)).astimezone(dt.UTC)
        return msgspec.structs.replace(
            REMINDER, id=uuid.uuid4(), title=title, remind_at=at, **fields
        )


@pytest.fixture
def plans() -> Plans:
    return Plans()


def run(
    reminders: FakeReminders, name: str, *, language: Language = "en", **args: Any
) -> Completed:
    actions = service(reminders=reminders)
    answer = asyncio.run(
        actions.run(CALLER._replace(language=language), actions.command(name, args))
    )
    assert isinstance(answer, Completed)
    return answer


def given(done: Completed) -> Any:
    """The result, whose type is that of the command."""
    return done.result


def undo(reminders: FakeReminders, done: Completed) -> Completed | None:
    actions = service(reminders=reminders)
    command = actions.inverse(done)
    if command is None:
        return None
    answer = asyncio.run(actions.run(CALLER, command))
    assert isinstance(answer, Completed)
    return answer


def test_what_the_words_fit_is_canceled_and_can_be_made_again(plans: Plans) -> None:
    reminders = FakeReminders(plans.bins, plans.ada)
    done = run(reminders, "cancel_reminders", about="the bin")
    assert (done.status, done.text) == (
        "completed",
        "Canceled: tomorrow at 09:00: Put the bins out",
    )
    assert reminders.listed == [plans.ada]
    assert undo(reminders, done) is not None
    assert {(r.title, r.remind_at) for r in reminders.listed} == {
        (r.title, r.remind_at) for r in (plans.bins, plans.ada)
    }


def test_what_could_be_several_changes_nothing(plans: Plans) -> None:
    reminders = FakeReminders(plans.bins, plans.ada)
    for name, args in (
        ("cancel_reminders", {}),
        ("move_reminder", {"remind_at": plans.tomorrow.isoformat()}),
    ):
        asked = run(reminders, name, **args)
        assert asked.status == "needs_choice"
        assert [choice.id for choice in given(asked).choices] == [
            str(plans.bins.id),
            str(plans.ada.id),
        ]
        assert asked.text.startswith(
            "Which one do you mean?\n- tomorrow at 09:00: Put the bins out"
        )
        assert undo(reminders, asked) is None
    assert reminders.listed == [plans.bins, plans.ada]


def test_everything_is_confirmed_first(plans: Plans) -> None:
    reminders = FakeReminders(plans.bins, plans.ada, plans.made("Alarm", kind="alarm"))
    asked = run(reminders, "cancel_reminders", kind="reminder", everything=True)
    assert (asked.status, len(given(asked).choices)) == ("needs_confirmation", 2)
    assert len(reminders.listed) == 3
    done = run(reminders, "cancel_reminders", kind="reminder", everything=True, confirmed=True)
    assert (done.status, len(given(done).canceled)) == ("completed", 2)
    assert [r.kind for r in reminders.listed] == ["alarm"]


def test_what_is_not_there_says_what_is(plans: Plans) -> None:
    reminders = FakeReminders(plans.bins)
    missing = run(reminders, "cancel_reminders", about="dentist", language="de")
    assert missing.status == "not_found"
    assert missing.text == (
        "So etwas habe ich nicht gefunden. Es gibt:\n- morgen um 09:00 Uhr: Put the bins out"
    )
    assert run(FakeReminders(), "cancel_reminders").text == "You have no reminders."


@pytest.mark.parametrize("hours", [0, 24, 12])
def test_a_time_names_a_reminder_also_on_another_day(plans: Plans, hours: int) -> None:
    reminders = FakeReminders(plans.bins, plans.ada)
    at = (plans.tomorrow + dt.timedelta(hours=hours)).isoformat()
    done = run(reminders, "cancel_reminders", at=at)
    assert [r.title for r in given(done).canceled] == [plans.bins.title]


def test_moving_and_moving_back(plans: Plans) -> None:
    reminders = FakeReminders(plans.bins, plans.ada)
    later = plans.tomorrow + dt.timedelta(hours=5)
    done = run(reminders, "move_reminder", about="bins", remind_at=later.isoformat())
    assert done.text == "Moved: tomorrow at 14:00: Put the bins out"
    assert undo(reminders, done) is not None
    assert reminders.listed[0].remind_at == plans.bins.remind_at


def test_a_past_time_moves_nothing(plans: Plans) -> None:
    with pytest.raises(ValidationFailed) as caught:
        run(FakeReminders(plans.bins), "move_reminder", remind_at="2001-01-01T00:00:00Z")
    assert [f["field"] for f in caught.value.fields] == ["remind_at"]


def test_alarms_and_timers_in_words(plans: Plans) -> None:
    reminders = FakeReminders()
    alarm = run(reminders, "set_alarm", at=plans.tomorrow.isoformat(), repeat="weekdays")
    assert alarm.text == "The alarm rings Monday to Friday, first tomorrow at 09:00."
    timer = run(reminders, "set_timer", seconds=3900, label="Eggs", language="de")
    assert timer.text.startswith("Der Timer Eggs läuft 1 Stunde 5 Minuten, bis ")
    assert [r.kind for r in reminders.listed] == ["alarm", "timer"]
    listed = run(reminders, "reminders", kind="alarm")
    assert listed.text == "Your alarms:\n- tomorrow at 09:00: Alarm (Monday to Friday)"
    assert undo(reminders, timer) is not None
    assert [r.kind for r in reminders.listed] == ["alarm"]


def test_the_time_of_an_alarm_is_named_as_it_was_given() -> None:
    with pytest.raises(ValidationFailed) as caught:
        run(FakeReminders(), "set_alarm", at="2001-01-01T00:00:00Z")
    assert caught.value.fields == [{"field": "at", "error": "must be in the future"}]


def test_the_reminders_of_a_day(plans: Plans) -> None:
    reminders = FakeReminders(plans.bins, plans.made("Later", hours=24))
    listed = run(reminders, "reminders", start=plans.tomorrow.isoformat())
    assert listed.text == "Your reminders for tomorrow:\n- tomorrow at 09:00: Put the bins out"
    yesterday = (plans.tomorrow - dt.timedelta(days=1)).isoformat()
    assert run(reminders, "reminders", start=yesterday).text == "You have no reminders for today."


def test_an_alarm_that_rang_long_ago_is_over(plans: Plans) -> None:
    rang = plans.made("Alarm", kind="alarm", status="due", due_at=utc("2026-01-01 07:00"))
    reminders = FakeReminders(rang, plans.bins)
    assert given(run(reminders, "reminders")).reminders == [plans.bins]
    assert run(reminders, "cancel_reminders", kind="alarm").status == "not_found"


def test_a_series_is_one_thing(plans: Plans) -> None:
    series = uuid.uuid4()
    fields: dict[str, Any] = {"kind": "alarm", "repeat": "daily", "series_id": series}
    due = plans.made("Alarm", status="due", due_at=dt.datetime.now(dt.UTC), **fields)
    following = plans.made("Alarm", hours=24, **fields)
    reminders = FakeReminders(due, following)
    done = run(reminders, "cancel_reminders", kind="alarm")
    assert [r.id for r in given(done).canceled] == [following.id]
    assert reminders.listed == []
