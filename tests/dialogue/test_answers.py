"""Messages that answer what was asked, and those that do not."""

from __future__ import annotations

import datetime as dt

import pytest

from pisovereign.actions import types
from pisovereign.dialogue.service import Said
from pisovereign.dialogue.types import Ask, Question, Run, Say
from pisovereign.parsing.types import Incomplete, Parsed
from tests.dialogue.states import (
    BINS,
    DENTIST,
    MADE,
    NOW,
    SERVICE,
    SHOWN,
    TOMORROW,
    USER,
    ZONE,
    command,
    known,
    plan,
    question,
)

AT = {"remind_at": TOMORROW.isoformat()}
WHAT = question("missing", "CreateReminder", known=AT, missing=("title",))
WHEN = question("missing", "CreateReminder", known={"title": "bins"}, missing=("remind_at",))
BOTH = question("missing", "CreateReminder", missing=("title", "remind_at"))
LONG = question("missing", "SetTimer", missing=("seconds",))
ITEMS = question("missing", "AddToList", missing=("items",))
WHICH = question("choice", "CancelReminders", known={"about": "call"}, choices=SHOWN)
REALLY = question("confirm", "CancelReminders", known={"everything": True})
OFFER = question("offer", "CreateReminder", known={"title": "bins", **AT})


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2030, 3, day, hour, minute, tzinfo=ZONE).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("language", "text", "title"),
    [
        ("en", "the bins", "bins"),
        ("en", "to call mom", "call mom"),
        ("en", "I have to call Ada", "call Ada"),
        ("de", "die Mülltonne rausbringen", "Mülltonne rausbringen"),
        ("de", "dass ich Ada anrufe", "Ada anrufe"),
    ],
)
def test_bare_words_are_the_title(language: str, text: str, title: str) -> None:
    assert command(text, known(questions=(WHAT,)), language=language) == types.CreateReminder(
        title=title, remind_at=TOMORROW
    )


@pytest.mark.parametrize(
    ("language", "text", "when"),
    [
        ("en", "tomorrow at 8", at(6, 8)),
        ("en", "at 8 pm please", at(5, 20)),
        ("en", "in two hours", at(5, 12)),
        ("de", "morgen um 20 Uhr", at(6, 20)),
        ("de", "in einer halben Stunde", at(5, 10, 30)),
    ],
)
def test_a_bare_time_is_when(language: str, text: str, when: dt.datetime) -> None:
    assert command(text, known(questions=(WHEN,)), language=language) == types.CreateReminder(
        title="bins", remind_at=when
    )


def test_one_answer_may_give_everything() -> None:
    assert command("call mom tomorrow at 8", known(questions=(BOTH,))) == types.CreateReminder(
        title="call mom", remind_at=at(6, 8)
    )


def test_what_is_still_missing_is_asked_for() -> None:
    planned = plan("call mom", known(questions=(BOTH,)))
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert (step.question.known, step.question.missing) == ({"title": "call mom"}, ("remind_at",))


def test_other_arguments() -> None:
    assert command("ten minutes", known(questions=(LONG,))) == types.SetTimer(seconds=600)
    assert command("5", known(questions=(LONG,))) == types.SetTimer(seconds=300)
    assert command("eggs, bread and milk", known(questions=(ITEMS,))) == types.AddToList(
        items=("eggs", "bread", "milk")
    )


@pytest.mark.parametrize(
    "text", ["the second one", "2", "number two", "the dentist", "the one at 8", "second"]
)
def test_a_choice(text: str) -> None:
    assert command(text, known(questions=(WHICH,))) == types.CancelReminders(reminder_id=DENTIST)


@pytest.mark.parametrize("text", ["die zweite", "die letzte", "Nummer 2", "die um acht"])
def test_a_choice_in_german(text: str) -> None:
    chosen = command(text, known(questions=(WHICH,)), language="de")
    assert chosen == types.CancelReminders(reminder_id=DENTIST)


def test_both() -> None:
    planned = plan("both", known(questions=(WHICH,)))
    assert planned is not None
    assert [step.command for step in planned.steps if isinstance(step, Run)] == [
        types.CancelReminders(reminder_id=one) for one in (BINS, DENTIST)
    ]


@pytest.mark.parametrize("text", ["yes", "yes please", "ok", "go ahead", "ja, mach das", "klar"])
def test_a_yes(text: str) -> None:
    confirmed = command(text, known(questions=(REALLY,)))
    assert confirmed == types.CancelReminders(everything=True, confirmed=True)
    offered = command(text, known(questions=(OFFER,)))
    assert offered == types.CreateReminder(title="bins", remind_at=TOMORROW)


def test_a_yes_with_another_time() -> None:
    changed = command("yes, but at 9", known(questions=(OFFER,)))
    assert changed == types.CreateReminder(title="bins", remind_at=at(6, 21))


@pytest.mark.parametrize("text", ["no", "never mind", "no thanks", "nein", "vergiss es", "cancel"])
@pytest.mark.parametrize("asked", [WHAT, WHEN, WHICH, REALLY, OFFER])
def test_a_no(text: str, asked: object) -> None:
    planned = plan(text, known(questions=(asked,)))
    assert planned is not None
    assert planned.steps == (Say(key="dropped"),)
    assert planned.answered


@pytest.mark.parametrize(
    "text", ["what time is it?", "who are you", "tell me a joke", "are you sure that is right"]
)
@pytest.mark.parametrize("asked", [WHAT, WHEN, WHICH, REALLY, OFFER])
def test_what_says_something_else_answers_nothing(text: str, asked: object) -> None:
    assert plan(text, known(questions=(asked,))) is None


def test_a_command_of_another_kind_is_no_answer() -> None:
    parsed = Parsed(
        parsed=True, command=types.CurrentWeather(), confidence=0.9, requires_approval=False
    )
    planned = plan("the weather", known(questions=(WHAT,)), parsed)
    assert planned is not None
    assert planned.steps == (Run(command=types.CurrentWeather()),)
    assert not planned.answered


def test_a_question_is_not_waited_for_for_ever() -> None:
    assert plan("the bins", known(questions=(WHAT,), turns=3)) is None
    passed = NOW + dt.timedelta(hours=1)
    assert SERVICE.plan(Said(USER, "the bins", passed), "en", known(questions=(WHAT,)), ()) is None


def test_that_is_what_was_made() -> None:
    lacking = Incomplete(types.CreateReminder, {"title": "that"})
    parsed = Parsed(
        parsed=True,
        command=None,
        confidence=0.9,
        requires_approval=False,
        incomplete=lacking,
        missing=("remind_at",),
    )
    planned = plan("remind me of that again", known(last=MADE, effect=MADE), parsed)
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert step.question.known == {"title": "bins"}


def test_what_nobody_can_do_is_still_something_to_be_reminded_of() -> None:
    parsed = Parsed(
        parsed=False, command=None, confidence=0.9, requires_approval=False, unsupported="cleaning"
    )
    planned = plan("take out the trash", known(questions=(WHAT,)), parsed)
    assert planned is not None
    assert planned.steps == (
        Run(command=types.CreateReminder(title="take out the trash", remind_at=TOMORROW)),
    )


@pytest.mark.parametrize("text", ["actually make it 8", "doch lieber um acht"])
def test_another_time_is_no_title(text: str) -> None:
    planned = plan(text, known(questions=(WHAT,)))
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert dt.datetime.fromisoformat(step.question.known["remind_at"]) == at(6, 20)
    assert step.question.missing == ("title",)


def test_an_order_may_be_the_title() -> None:
    assert command("cancel my subscription", known(questions=(WHAT,))) == types.CreateReminder(
        title="cancel my subscription", remind_at=TOMORROW
    )


def test_never_mind_is_taken_without_a_question() -> None:
    planned = plan("never mind", None)
    assert planned is not None
    assert planned.steps == (Say(key="dropped"),)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("also remind me to eat at 5", "remind me to eat at 5"),
        ("Ok, and show my mails", "show my mails"),
        ("und zeig meine Mails", "zeig meine Mails"),
        ("show my mails", None),
    ],
)
def test_what_leads_over_is_left_out(text: str, rest: str | None) -> None:
    assert SERVICE.without_opening(Said(USER, text, NOW), "en") == rest


def test_only_what_is_necessary_is_asked_for() -> None:
    lacking = Incomplete(types.CreateReminder, {"title": "bins"})
    parsed = Parsed(
        parsed=True,
        command=None,
        confidence=0.9,
        requires_approval=False,
        incomplete=lacking,
        missing=("remind_at", "repeat"),
    )
    planned = plan("remind me of the bins", None, parsed)
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert step.question.missing == ("remind_at",)


WHO = question("missing", "SendEmail", known={"body": "late"}, missing=("to", "subject"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "thanks a lot"), ("de", "danke dir"), ("fr", "merci beaucoup"), ("en", "good night"),
        ("en", "thanks, that's great"), ("en", "i don't know"), ("de", "erzähl mir einen witz"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked", [WHO, WHAT, WHEN, ITEMS])
def test_politeness_and_talk_answer_nothing(language: str, text: str, asked: Question) -> None:
    assert plan(text, known(questions=(asked,)), language=language) is None


@pytest.mark.parametrize("text", ["Tom", "tom@example.org", "to Ada Lovelace"])
def test_a_name_or_an_address_is_who(text: str) -> None:
    planned = plan(text, known(questions=(WHO,)))
    assert planned is not None
    (step,) = planned.steps
    assert isinstance(step, Ask)
    assert step.question.known["to"] in text
    assert step.question.missing == ("subject",)


@pytest.mark.parametrize("text", ["nothing", "nichts", "rien"])
def test_nothing_is_no_title(text: str) -> None:
    planned = plan(text, known(questions=(WHAT,)))
    assert planned is not None
    assert planned.steps == (Say(key="dropped"),)


def test_a_complete_command_of_the_same_kind_is_no_answer() -> None:
    new = types.CreateReminder(title="call Ada", remind_at=at(5, 17))
    parsed = Parsed(parsed=True, command=new, confidence=0.9, requires_approval=False)
    planned = plan("remind me to call Ada at 5", known(questions=(WHAT,)), parsed)
    assert planned is not None
    assert planned.steps == (Run(command=new),)
