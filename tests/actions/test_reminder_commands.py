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

TOMORROW = (dt.datetime.now(BERLIN) + dt.timedelta(days=1)).replace(
    hour=9, minute=0, second=0, microsecond=0
)


def made(title: str, *, hours: int = 0, **fields: Any) -> Reminder:
    return msgspec.structs.replace(
        REMINDER,
        id=uuid.uuid4(),
        title=title,
        remind_at=(TOMORROW + dt.timedelta(hours=hours)).astimezone(dt.UTC),
        **fields,
    )


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


BINS, ADA = made("Put the bins out"), made("Call Ada", hours=3)


def test_what_the_words_fit_is_canceled_and_can_be_made_again() -> None:
    reminders = FakeReminders(BINS, ADA)
    done = run(reminders, "cancel_reminders", about="the bin")
    assert (done.status, done.text) == (
        "completed",
        "Canceled: tomorrow at 09:00: Put the bins out",
    )
    assert reminders.listed == [ADA]
    assert undo(reminders, done) is not None
    assert {(r.title, r.remind_at) for r in reminders.listed} == {
        (r.title, r.remind_at) for r in (BINS, ADA)
    }


def test_what_could_be_several_changes_nothing() -> None:
    reminders = FakeReminders(BINS, ADA)
    for name, args in (
        ("cancel_reminders", {}),
        ("move_reminder", {"remind_at": TOMORROW.isoformat()}),
    ):
        asked = run(reminders, name, **args)
        assert asked.status == "needs_choice"
        assert [choice.id for choice in given(asked).choices] == [str(BINS.id), str(ADA.id)]
        assert asked.text.startswith(
            "Which one do you mean?\n- tomorrow at 09:00: Put the bins out"
        )
        assert undo(reminders, asked) is None
    assert reminders.listed == [BINS, ADA]


def test_everything_is_confirmed_first() -> None:
    reminders = FakeReminders(BINS, ADA, made("Alarm", kind="alarm"))
    asked = run(reminders, "cancel_reminders", kind="reminder", everything=True)
    assert (asked.status, len(given(asked).choices)) == ("needs_confirmation", 2)
    assert len(reminders.listed) == 3
    done = run(reminders, "cancel_reminders", kind="reminder", everything=True, confirmed=True)
    assert (done.status, len(given(done).canceled)) == ("completed", 2)
    assert [r.kind for r in reminders.listed] == ["alarm"]


def test_what_is_not_there_says_what_is() -> None:
    reminders = FakeReminders(BINS)
    missing = run(reminders, "cancel_reminders", about="dentist", language="de")
    assert missing.status == "not_found"
    assert missing.text == (
        "So etwas habe ich nicht gefunden. Es gibt:\n- morgen um 09:00 Uhr: Put the bins out"
    )
    assert run(FakeReminders(), "cancel_reminders").text == "You have no reminders."


@pytest.mark.parametrize("hours", [0, 24, 12])
def test_a_time_names_a_reminder_also_on_another_day(hours: int) -> None:
    reminders = FakeReminders(BINS, ADA)
    at = (TOMORROW + dt.timedelta(hours=hours)).isoformat()
    done = run(reminders, "cancel_reminders", at=at)
    assert [r.title for r in given(done).canceled] == [BINS.title]


def test_moving_and_moving_back() -> None:
    reminders = FakeReminders(BINS, ADA)
    later = TOMORROW + dt.timedelta(hours=5)
    done = run(reminders, "move_reminder", about="bins", remind_at=later.isoformat())
    assert done.text == "Moved: tomorrow at 14:00: Put the bins out"
    assert undo(reminders, done) is not None
    assert reminders.listed[0].remind_at == BINS.remind_at


def test_a_past_time_moves_nothing() -> None:
    with pytest.raises(ValidationFailed) as caught:
        run(FakeReminders(BINS), "move_reminder", remind_at="2001-01-01T00:00:00Z")
    assert [f["field"] for f in caught.value.fields] == ["remind_at"]


def test_alarms_and_timers_in_words() -> None:
    reminders = FakeReminders()
    alarm = run(reminders, "set_alarm", at=TOMORROW.isoformat(), repeat="weekdays")
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


def test_the_reminders_of_a_day() -> None:
    reminders = FakeReminders(BINS, made("Later", hours=24))
    listed = run(reminders, "reminders", start=TOMORROW.isoformat())
    assert listed.text == "Your reminders for tomorrow:\n- tomorrow at 09:00: Put the bins out"
    yesterday = (TOMORROW - dt.timedelta(days=1)).isoformat()
    assert run(reminders, "reminders", start=yesterday).text == "You have no reminders for today."


def test_an_alarm_that_rang_long_ago_is_over() -> None:
    rang = made("Alarm", kind="alarm", status="due", due_at=utc("2026-01-01 07:00"))
    reminders = FakeReminders(rang, BINS)
    assert given(run(reminders, "reminders")).reminders == [BINS]
    assert run(reminders, "cancel_reminders", kind="alarm").status == "not_found"


def test_a_series_is_one_thing() -> None:
    series = uuid.uuid4()
    fields: dict[str, Any] = {"kind": "alarm", "repeat": "daily", "series_id": series}
    due = made("Alarm", status="due", due_at=dt.datetime.now(dt.UTC), **fields)
    following = made("Alarm", hours=24, **fields)
    reminders = FakeReminders(due, following)
    done = run(reminders, "cancel_reminders", kind="alarm")
    assert [r.id for r in given(done).canceled] == [following.id]
    assert reminders.listed == []
