"""Reminders at times that are counted from what was shown, made or changed."""

from __future__ import annotations

import datetime as dt

import pytest

from pisovereign.actions import types
from pisovereign.actions.types import CreateReminder
from pisovereign.dialogue.types import Ask, Done, Item, KnownState, Run
from pisovereign.languages import Language
from pisovereign.parsing.types import Parsed
from tests.dialogue.states import (
    ADDED,
    BINS,
    DENTIST,
    MADE,
    NOW,
    PENDING,
    SHOWN,
    TOMORROW,
    command,
    known,
    plan,
    question,
)
from tests.dialogue.test_answers import at

APPOINTMENT = Item(kind="event", id="a", title="Zahnarzt", at=at(14, 15, 30))
BIN = Item(kind="event", title="Papiertonne", at=at(14, 0))
WEDDING = Item(kind="event", id="w", title="Ada's wedding", at=at(20, 14))


def after(*shown: Item) -> KnownState:
    """The state after some events were listed."""
    listed = Done(command=types.ListCalendarEvents(), at=NOW, items=shown)
    return known(last=listed, shown=shown)


@pytest.mark.parametrize(
    ("language", "text", "timed", "whole_day"),
    [
        ("en", "remind me the evening before", at(13, 19), at(13, 19)),
        ("en", "remind me the day before", at(13, 15, 30), at(13, 9)),
        ("en", "remind me an hour before", at(14, 14, 30), at(13, 23)),
        ("en", "remind me half an hour before that", at(14, 15), at(13, 23, 30)),
        ("en", "remind me 30 minutes earlier", at(14, 15), at(13, 23, 30)),
        ("en", "remind me the evening before at eight", at(13, 20), at(13, 20)),
        ("en", "remind me at 8 the evening before, please", at(13, 20), at(13, 20)),
        ("en", "can you remind me on the morning of that day?", at(14, 9), at(14, 9)),
        ("en", "remind me of it the night before", at(13, 22), at(13, 22)),
        ("en", "please remind me that morning", at(14, 9), at(14, 9)),
        ("en", "remind me two days before", at(12, 15, 30), at(12, 9)),
        ("en", "and remind me a week before", at(7, 15, 30), at(7, 9)),
        ("en", "remind me on the day", at(14, 9), at(14, 9)),
        ("en", "remind me on the evening of the day before", at(13, 19), at(13, 19)),
        ("en", "remind me an hour before it starts", at(14, 14, 30), at(13, 23)),
        ("en", "I want to be reminded two hours in advance", at(14, 13, 30), at(13, 22)),
        ("en", "set a reminder for the day before at six", at(13, 18), at(13, 18)),
        ("de", "erinner mich am Abend davor", at(13, 19), at(13, 19)),
        ("de", "erinner mich bitte am Abend vorher", at(13, 19), at(13, 19)),
        ("de", "erinnere mich am Vorabend", at(13, 19), at(13, 19)),
        ("de", "erinnere mich am Vorabend um 20 Uhr", at(13, 20), at(13, 20)),
        ("de", "eine Stunde vorher erinnern", at(14, 14, 30), at(13, 23)),
        ("de", "kannst du mich eine halbe Stunde vorher erinnern?", at(14, 15), at(13, 23, 30)),
        ("de", "erinnere mich einen Tag vorher", at(13, 15, 30), at(13, 9)),
        ("de", "erinnere mich zwei Tage davor um acht", at(12, 8), at(12, 8)),
        ("de", "erinner mich morgens an dem Tag", at(14, 9), at(14, 9)),
        ("de", "erinner mich am Morgen davor", at(13, 9), at(13, 9)),
        ("de", "erinnere mich am selben Morgen daran", at(14, 9), at(14, 9)),
        ("de", "ich möchte am Abend des Vortags erinnert werden", at(13, 19), at(13, 19)),
        ("de", "erinner mich eine Stunde bevor es losgeht", at(14, 14, 30), at(13, 23)),
        ("fr", "rappelle-moi l'avant-veille", at(12, 15, 30), at(12, 9)),
        ("fr", "rappelle-moi une heure avant que ça commence", at(14, 14, 30), at(13, 23)),
        ("fr", "rappelle-moi la veille", at(13, 15, 30), at(13, 9)),
        ("fr", "rappelle-moi la veille au soir", at(13, 19), at(13, 19)),
        ("fr", "rappelle-moi la veille à 20 heures", at(13, 20), at(13, 20)),
        ("fr", "rappelle-le-moi une heure avant", at(14, 14, 30), at(13, 23)),
        ("fr", "tu peux me le rappeler une demi-heure avant ?", at(14, 15), at(13, 23, 30)),
        ("fr", "rappelle-moi deux jours avant", at(12, 15, 30), at(12, 9)),
        ("fr", "rappelle-moi le matin même", at(14, 9), at(14, 9)),
        ("fr", "rappelle-moi ce matin-là", at(14, 9), at(14, 9)),
        ("fr", "rappelle-moi le jour même", at(14, 9), at(14, 9)),
    ],
)  # fmt: skip
def test_the_one_thing_that_was_shown(
    language: Language, text: str, timed: dt.datetime, whole_day: dt.datetime
) -> None:
    for item, when in ((APPOINTMENT, timed), (BIN, whole_day)):
        made = command(text, after(item), language=language)
        assert made == CreateReminder(title=item.title, remind_at=when)


@pytest.mark.parametrize(
    ("language", "text", "hour", "title"),
    [
        ("en", "remind me the evening before the Papiertonne", 19, "Papiertonne"),
        ("en", "remind me about the Papiertonne the evening before", 19, "Papiertonne"),
        ("en", "remind me the evening before the second one", 19, "Papiertonne"),
        ("en", "remind me the evening before the Papiertonne to take it out", 19, "take it out"),
        ("de", "erinner mich am Abend vor der Papiertonne", 19, "Papiertonne"),
        ("de", "erinner mich am Abend vorher an die Papiertonne", 19, "Papiertonne"),
        ("de", "erinnere mich eine Stunde vor der Papiertonne", 23, "Papiertonne"),
        ("fr", "rappelle-moi la veille au soir de la Papiertonne", 19, "Papiertonne"),
        ("fr", "rappelle-moi une heure avant la Papiertonne", 23, "Papiertonne"),
    ],
)
def test_one_that_is_named_among_several(
    language: Language, text: str, hour: int, title: str
) -> None:
    made = command(text, after(WEDDING, BIN), language=language)
    assert made == CreateReminder(title=title, remind_at=at(13, hour))


@pytest.mark.parametrize(
    ("language", "text", "title"),
    [
        ("en", "remind me the evening before to iron my shirt", "iron my shirt"),
        ("en", "remind me to buy a present the evening before", "buy a present"),
        ("en", "remind me the evening before the wedding to iron my shirt", "iron my shirt"),
        ("de", "erinnere mich am Abend davor, das Hemd zu bügeln", "Hemd zu bügeln"),
        ("de", "erinner mich am Abend davor an das Geschenk", "Geschenk"),
        ("fr", "rappelle-moi la veille au soir de repasser", "repasser"),
        ("fr", "rappelle-moi la veille au soir d'acheter un cadeau", "acheter un cadeau"),
    ],
)
def test_something_else_to_be_reminded_of(language: Language, text: str, title: str) -> None:
    made = command(text, after(WEDDING), language=language)
    assert made == CreateReminder(title=title, remind_at=at(19, 19))


@pytest.mark.parametrize(
    ("language", "text", "choice"),
    [
        ("en", "remind me the evening before", "the wedding"),
        ("de", "erinner mich am Abend davor", "die zweite"),
        ("fr", "rappelle-moi la veille au soir", "2"),
    ],
)
def test_which_of_several_is_asked_for(language: Language, text: str, choice: str) -> None:
    state = after(BIN, WEDDING)
    planned = plan(text, state, language=language)
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert step.question.choices == (BIN, WEDDING)
    chosen = command(choice, known(questions=(step.question,)), language=language)
    assert chosen == CreateReminder(title=WEDDING.title, remind_at=at(19, 19))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "remind me of all of them the evening before"),
        ("en", "remind me of both the evening before"),
        ("de", "erinner mich an beide am Abend davor"),
        ("fr", "rappelle-moi les deux la veille au soir"),
    ],
)
def test_all_of_them_are_one_each(language: Language, text: str) -> None:
    planned = plan(text, after(BIN, WEDDING), language=language)
    assert planned is not None
    expected = [
        CreateReminder(title=BIN.title, remind_at=at(13, 19)),
        CreateReminder(title=WEDDING.title, remind_at=at(19, 19)),
    ]
    assert [step.command for step in planned.steps if isinstance(step, Run)] == expected


def test_what_a_thing_is_called_may_hold_words_of_talk() -> None:
    bin_day = Item(kind="event", title="Paper bin", at=at(14, 0))  # "ich bin" is said in talk
    made = command("erinner mich am Abend vor der Paper bin", after(bin_day), language="de")
    assert made == CreateReminder(title="Paper bin", remind_at=at(13, 19))


def test_what_waits_for_an_approval_has_a_time_as_well() -> None:
    made = command("remind me an hour before", known(last=PENDING, effect=PENDING))
    assert made == CreateReminder(title="lunch", remind_at=TOMORROW - dt.timedelta(hours=1))


def reminded(text: str, state: KnownState) -> dt.datetime:
    made = command(text, state)
    assert isinstance(made, CreateReminder)
    return made.remind_at


def test_what_was_made_last_counts_rather_than_what_was_shown_before() -> None:
    made = Done(command=types.SetAlarm(at=at(6, 7)), at=NOW, items=SHOWN[:1])
    state = known(last=made, effect=made, shown=(WEDDING,))
    assert reminded("remind me two hours before", state) == at(6, 17)
    state = known(last=ADDED, effect=made, shown=(WEDDING,))
    assert reminded("remind me the day before", state) == at(19, 14)


def test_a_reminder_that_is_to_come_earlier_is_moved() -> None:
    moved = command("remind me an hour earlier", known(last=MADE, effect=MADE))
    assert moved == types.MoveReminder(reminder_id=BINS, remind_at=at(6, 18))
    moved = command("remind me an hour before the dentist", known(shown=SHOWN))
    assert moved == CreateReminder(title="call the dentist", remind_at=at(6, 19))
    assert str(DENTIST) == SHOWN[1].id


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the evening before"), ("en", "the evening before, please"),
        ("en", "remind me the evening before"), ("de", "am Abend davor"), ("de", "am Vorabend"),
        ("fr", "la veille au soir"),
    ],
)  # fmt: skip
def test_it_answers_when_to_remind(language: Language, text: str) -> None:
    asked = question("missing", "CreateReminder", known={"title": "shirt"}, missing=("remind_at",))
    listed = Done(command=types.ListCalendarEvents(), at=NOW, items=(WEDDING,))
    state = known(last=listed, shown=(WEDDING,), questions=(asked,))
    planned = plan(text, state, language=language)
    assert planned is not None
    assert planned.answered
    made = Run(command=CreateReminder(title="shirt", remind_at=at(19, 19)))
    assert planned.steps == (made,)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "what happened the evening before?"),
        ("en", "the evening before was nice"),
        ("en", "don't remind me the evening before"),
        ("en", "did I ask you to remind me the evening before?"),
        ("en", "remind me before"),
        ("en", "no, never remind me the evening before the wedding to iron my shirt"),
        ("en", "remind me the evening before the concert"),
        ("en", "remind me tomorrow evening before dinner"),
        ("en", "remind me in an hour before the wedding"),
        ("en", "remind me a month before"),
        ("en", "remind me an hour later"),
        ("en", "remind me to take my pills at night before bed"),
        ("de", "was war am Abend davor?"),
        ("en", "set a reminder for the evening of the day after tomorrow"),
        ("de", "erinnere mich morgen Abend vor der Hochzeit"),
        ("de", "erinnere mich morgen vor dem Termin"),
        ("de", "erinner mich am Abend vor dem Konzert"),
        ("de", "erinnere mich nicht am Abend davor"),
        ("fr", "que s'est-il passé la veille ?"),
        ("fr", "rappelle-moi la veille de Noël"),
    ],
)
def test_what_asks_for_something_else(language: Language, text: str) -> None:
    assert plan(text, after(WEDDING), language=language) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "remind me the evening before"),
        ("en", "remind me the evening before the wedding to iron my shirt"),
        ("de", "erinner mich am Abend davor"),
        ("fr", "rappelle-moi la veille"),
    ],
)
@pytest.mark.parametrize("state", [None, known(last=ADDED, effect=ADDED)])
def test_where_nothing_has_a_time_it_is_what_it_is_by_itself(
    language: Language, text: str, state: KnownState | None
) -> None:
    assert plan(text, state, language=language) is None
    by_itself = CreateReminder(title="shirt", remind_at=TOMORROW)
    parsed = Parsed(parsed=True, command=by_itself, confidence=0.9, requires_approval=False)
    planned = plan(text, state, parsed, language=language)
    assert planned is not None
    assert planned.steps == (Run(command=by_itself),)
