"""Messages that go on from what was done or shown last."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from pisovereign.actions import types
from pisovereign.dialogue.types import Ask, Done, Item, Run, Say, Withdraw
from pisovereign.parsing.types import Incomplete, Parsed
from tests.dialogue.states import (
    ADDED,
    BINS,
    DENTIST,
    EVENT,
    LISTED,
    MADE,
    NOW,
    PENDING,
    SHOWN,
    TOMORROW,
    WEATHER,
    command,
    known,
    plan,
)
from tests.dialogue.test_answers import at

AFTER_MADE = known(last=MADE, effect=MADE)
AFTER_LIST = known(last=LISTED, shown=SHOWN)


@pytest.mark.parametrize(
    ("language", "text", "when"),
    [
        ("en", "actually make it 8", at(6, 20)),
        ("en", "move it to 5", at(6, 17)),
        ("en", "no, I meant Friday", at(8, 19)),
        ("en", "make it Friday at 9 am", at(8, 9)),
        ("en", "an hour later", at(6, 20)),
        ("en", "postpone it by two hours", at(6, 21)),
        ("en", "could you move that to half past eight please", at(6, 20, 30)),
        ("de", "doch lieber um acht", at(6, 20)),
        ("de", "doch lieber erst um acht", at(6, 20)),
        ("de", "nein, ich meinte Freitag", at(8, 19)),
        ("de", "verschieb das auf 17 Uhr", at(6, 17)),
        ("de", "eine Stunde früher", at(6, 18)),
    ],
)
def test_what_was_made_is_moved(language: str, text: str, when: dt.datetime) -> None:
    moved = command(text, AFTER_MADE, language=language)
    assert moved == types.MoveReminder(reminder_id=BINS, remind_at=when)


@pytest.mark.parametrize("text", ["and on Friday", "also on Friday", "und am Freitag"])
def test_the_same_on_another_day_is_one_more(text: str) -> None:
    assert command(text, AFTER_MADE) == types.CreateReminder(title="bins", remind_at=at(8, 19))


@pytest.mark.parametrize(
    ("language", "text", "change"),
    [
        ("en", "and tomorrow?", {"day": dt.date(2030, 3, 6)}),
        ("en", "in Hamburg?", {"location": "Hamburg"}),
        ("en", "what about New York", {"location": "New York"}),
        ("en", "and in Hamburg on Friday", {"location": "Hamburg", "day": dt.date(2030, 3, 8)}),
        ("de", "und übermorgen?", {"day": dt.date(2030, 3, 7)}),
        ("de", "wie sieht es am Freitag aus?", {"day": dt.date(2030, 3, 8)}),
        ("de", "und in Wien?", {"location": "Wien"}),
        ("en", "again", {}),
    ],
)
def test_the_same_question(language: str, text: str, change: dict[str, Any]) -> None:
    expected = types.CurrentWeather(**{"location": "Berlin", **change})
    assert command(text, known(last=WEATHER), language=language) == expected


@pytest.mark.parametrize(
    "text", ["cancel that", "delete it", "can you cancel that please", "lösch das", "sag das ab"]
)
def test_what_was_made_is_taken_away(text: str) -> None:
    assert command(text, AFTER_MADE) == types.CancelReminders(reminder_id=BINS)


@pytest.mark.parametrize("text", ["undo", "undo that", "mach das rückgängig"])
def test_what_was_done_is_undone(text: str) -> None:
    assert command(text, known(last=ADDED, effect=ADDED)) == types.RemoveFromList(items=("milk",))


def test_what_waits_for_an_approval_is_withdrawn_or_replaced() -> None:
    state = known(last=PENDING, effect=PENDING)
    planned = plan("cancel that", state)
    assert planned is not None
    assert planned.steps == (Withdraw(PENDING, PENDING.approval),)  # type: ignore[arg-type]
    planned = plan("make it an hour", state)
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Run)
    assert step.replaces == PENDING
    assert isinstance(step.command, types.CreateCalendarEvent)
    assert step.command.end - EVENT.start == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    "text", ["cancel the second one", "delete number 2", "lösch den zweiten", "cancel the one at 8"]
)
def test_an_entry_is_taken_away(text: str) -> None:
    assert command(text, AFTER_LIST) == types.CancelReminders(reminder_id=DENTIST)


def test_an_entry_is_moved() -> None:
    moved = command("move the first one to 5", AFTER_LIST)
    assert moved == types.MoveReminder(reminder_id=BINS, remind_at=at(6, 17))


def test_everything_is_asked_for_first() -> None:
    planned = plan("delete all of them", AFTER_LIST)
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert step.question.choices == SHOWN


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("and eggs", ("eggs",)),
        ("also bread and butter", ("bread", "butter")),
        ("und Eier", ("Eier",)),
    ],
)
def test_something_more_for_the_list(text: str, items: tuple[str, ...]) -> None:
    assert command(text, known(last=ADDED, effect=ADDED)) == types.AddToList(items=items)


def test_other_words_replace() -> None:
    planned = plan("no, oat milk", known(last=ADDED, effect=ADDED))
    assert planned is not None
    assert planned.steps == (Run(command=types.AddToList(items=("oat milk",)), replaces=ADDED),)


@pytest.mark.parametrize(
    "text",
    [
        "thanks", "that's great", "no, that's wrong", "tomorrow is my birthday", "tell me a joke",
        "how about you", "I love it", "what does it mean to cancel", "in other words, are you?",
        "yes", "8", "is it Friday already?", "too loud", "danke", "das ist gut",
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", [AFTER_MADE, known(last=ADDED, effect=ADDED), AFTER_LIST])
def test_talk_changes_nothing(text: str, state: Any) -> None:
    assert plan(text, state) is None


def test_a_command_by_itself_comes_first() -> None:
    alarm = types.SetAlarm(at=at(6, 7))
    parsed = Parsed(parsed=True, command=alarm, confidence=0.9, requires_approval=False)
    planned = plan("set an alarm for tomorrow at 7", AFTER_MADE, parsed)
    assert planned is not None
    assert planned.steps == (Run(command=alarm),)


@pytest.mark.parametrize("text", ["cancel that", "move it to 5", "undo", "verschieb das auf 5"])
def test_where_nothing_is_meant_that_is_said(text: str) -> None:
    planned = plan(text, None)
    assert planned is not None
    assert planned.steps == (Say(key="nothing_meant"),)


def test_what_is_long_ago_is_not_meant() -> None:
    planned = plan("cancel that", known(last=MADE, effect=MADE, turns=9))
    assert planned is not None
    assert planned.steps == (Say(key="nothing_meant"),)


def test_an_entry_and_a_time_are_told_apart() -> None:
    moved = command("move the first one to 5 pm", AFTER_LIST)
    assert moved == types.MoveReminder(reminder_id=BINS, remind_at=at(6, 17))


def test_both_of_three_is_asked_for() -> None:
    three = known(last=LISTED, shown=(*SHOWN, SHOWN[0]))
    planned = plan("delete both", three)
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert (step.question.kind, step.question.type) == ("choice", "CancelReminders")


FAILED = Done(command=EVENT, at=NOW, ended="failed")
MOVED = Done(
    command=types.MoveReminder(reminder_id=BINS, remind_at=TOMORROW), at=NOW, items=SHOWN[:1]
)
CANCELED = Done(command=types.CancelReminders(reminder_id=BINS), at=NOW, items=SHOWN[:1])


@pytest.mark.parametrize(
    ("language", "text", "start", "hours"),
    [
        ("en", "no, I meant Friday", at(8, 19), 2),
        ("en", "make it three hours", at(6, 19), 3),
        ("en", "move it to 5", at(6, 17), 2),
        ("de", "nein, ich meinte Freitag", at(8, 19), 2),
        ("fr", "non, je voulais dire vendredi", at(8, 19), 2),
    ],
)
def test_a_correction_is_about_what_failed_last(
    language: str, text: str, start: dt.datetime, hours: int
) -> None:
    state = known(last=FAILED, effect=MADE)
    expected = types.CreateCalendarEvent(
        title="lunch", start=start, end=start + dt.timedelta(hours=hours)
    )
    assert command(text, state, language=language) == expected


def test_a_question_that_failed_is_asked_again() -> None:
    failed = Done(command=types.CurrentWeather(location="Oslo"), at=NOW, ended="failed")
    state = known(last=failed, effect=MADE)
    assert command("and in Rome?", state) == types.CurrentWeather(location="Rome")
    assert command("und übermorgen?", state, language="de") == types.CurrentWeather(
        location="Oslo", day=dt.date(2030, 3, 7)
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "move it to 5"), ("en", "make it 8"), ("de", "verschieb das auf 17 Uhr"),
        ("fr", "déplace-le à 17 h"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("done", [CANCELED, msgspec.structs.replace(MADE, ended="gone")])
def test_what_is_gone_is_not_moved(language: str, text: str, done: Done) -> None:
    effect = None if done.ended else done
    planned = plan(text, known(last=done, effect=effect), language=language)
    assert planned is not None
    assert planned.steps == (Say(key="gone", values={"title": "bins"}),)


def test_after_what_failed_nothing_older_is_canceled() -> None:
    planned = plan("cancel that", known(last=FAILED, effect=MADE))
    assert planned is not None
    assert planned.steps == (Say(key="nothing_done"),)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "and on Friday too"), ("en", "on Friday as well"), ("de", "Und am Freitag auch?"),
        ("de", "am Freitag auch"), ("fr", "et vendredi aussi"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("done", [MADE, MOVED])
def test_also_makes_another_one(language: str, text: str, done: Done) -> None:
    more = command(text, known(last=done, effect=done), language=language)
    assert more == types.CreateReminder(title="bins", remind_at=at(8, 19))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "take the eggs off again"), ("de", "nimm die eggs wieder runter"),
        ("en", "I have the eggs already, drop them"), ("de", "eggs hab ich schon, nimm sie runter"),
        ("fr", "enlève les eggs"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shown", [True, False])
def test_something_is_taken_off_the_list(language: str, text: str, shown: bool) -> None:
    entries = tuple(Item(kind="item", title=one, among="shopping") for one in ("milk", "eggs"))
    done = msgspec.structs.replace(ADDED, items=entries)
    listed = tuple(msgspec.structs.replace(one, id=one.title * 2) for one in entries)
    after_list = known(last=LISTED, effect=done, shown=listed)
    state = after_list if shown else known(last=done, effect=done)
    removal = types.RemoveFromList(items=("eggs",), list="shopping")
    assert command(text, state, language=language) == removal


@pytest.mark.parametrize(
    "text", ["eggs brauche ich, nimm sie nicht runter", "I have no idea, drop it"]
)
def test_nothing_is_taken_off_that_is_not_named(text: str) -> None:
    entries = tuple(Item(kind="item", title=one, among="shopping") for one in ("milk", "eggs"))
    assert plan(text, known(last=LISTED, shown=entries)) is None


def test_what_is_to_be_forgotten_again_is_undone() -> None:
    undone = command("Vergiss das wieder", known(last=ADDED, effect=ADDED), language="de")
    assert undone == types.RemoveFromList(items=("milk",))


@pytest.mark.parametrize(
    ("language", "text", "title"),
    [
        ("en", "and remind me an hour later to lock the shed", "lock the shed"),
        ("de", "und erinnere mich eine Stunde später an den Schuppen", "Schuppen"),
        ("fr", "et rappelle-moi une heure plus tard de fermer", "fermer"),
    ],
)
def test_another_reminder_some_time_after_the_last(language: str, text: str, title: str) -> None:
    lacking = Incomplete(types.MoveReminder, {"about": "remind me later"})
    parsed = Parsed(
        parsed=True,
        command=None,
        confidence=0.9,
        requires_approval=False,
        incomplete=lacking,
        missing=("remind_at",),
    )
    planned = plan(text, AFTER_MADE, parsed, language=language)
    assert planned is not None
    new = types.CreateReminder(title=title, remind_at=at(6, 20))
    assert planned.steps == (Run(command=new),)


def test_what_could_not_be_put_off_can_still_be_taken_away() -> None:
    put_off = Done(command=types.SnoozeReminder(minutes=10), at=NOW, ended="failed")
    asked = command("cancel it", known(last=put_off, effect=MADE))
    assert asked == types.CancelReminders(reminder_id=BINS)
