"""What is believed of the intent model, and what a sentence forbids it."""

from __future__ import annotations

from array import array

import pytest

from bench.parse.cases import CATALOG
from pisovereign.actions.types import (
    AddToList,
    Command,
    CreateReminder,
    CurrentWeather,
    DateTimeQuestion,
    Help,
    SetAlarm,
    SnoozeReminder,
)
from pisovereign.parsing.intent_acceptance import ASKED_BACK, is_overruled
from pisovereign.parsing.intent_model import Guess, IntentModel
from pisovereign.parsing.intent_weights import load_weights
from pisovereign.parsing.types import Parsed
from tests.parsing.support import BERLIN, NOW, message
from tests.support.rules import rules


def read(text: str, intent: str, probability: float = 0.99) -> Parsed | None:
    return rules().by_intent(message(text), [Guess(intent, probability)], CATALOG)


def test_probabilities_sum_to_one_whatever_encoders_there_are() -> None:
    model = IntentModel(load_weights())
    vectors = {"use-multilingual": array("f", [1.0] + [0.0] * 511)}
    for known in (vectors, {"all-minilm-l6-v2": array("f", [0.0] * 383 + [1.0])}, {}):
        guesses = model.guesses(known)
        assert sum(guess.probability for guess in guesses) == pytest.approx(1)
        assert guesses == sorted(guesses, key=lambda guess: -guess.probability)
    assert model.knows("use-multilingual", "de")
    assert not model.knows("all-minilm-l6-v2", "de")


def test_arguments_are_read_from_free_words() -> None:
    found = read("toss some tomatoes onto my shopping list", "list_add")
    assert found is not None
    assert isinstance(found.command, AddToList)
    weather = read("am I going to get wet in Graz tomorrow", "weather")
    assert weather is not None
    assert isinstance(weather.command, CurrentWeather)
    assert weather.command.location == "Graz"
    assert weather.command.day is not None


def test_what_is_lacking_is_named_and_nothing_can_be_carried_out() -> None:
    found = read("I could use an alarm", "alarm")
    assert found is not None
    assert (found.parsed, found.command, found.missing) == (True, None, ("at",))


@pytest.mark.parametrize(
    "text",
    [
        "do not wake me up at 7", "actually make it 8 am", "I created an alarm at 7",
        "ich habe einen Wecker um 7 gestellt", "he wanted an alarm at 7",
        "I set an alarm yesterday at 7",
        "maybe an alarm at 7", "if I want an alarm at 7", "is there an alarm at 7?",
        "translate: alarm at 7 please", "der Wecker hat um 7 nicht geklingelt",
    ],
)  # fmt: skip
def test_guards_stand_before_the_model(text: str) -> None:
    found = read(text, "alarm")
    assert found is None or not found.parsed


def test_an_effect_below_its_threshold_is_asked_back_for() -> None:
    found = read("an alarm at 7am sounds good", "alarm", 0.6)
    assert found is not None
    assert isinstance(found.command, SetAlarm)
    assert found.confidence == ASKED_BACK


def test_talk_is_nothing_and_what_nobody_can_do_says_what_it_is() -> None:
    assert read("what a day", "none") is None
    lights = read("let there be light", "unsupported.lights")
    assert lights is not None
    assert (lights.parsed, lights.command, lights.unsupported) == (False, None, "lights")


def overruled(command: Command, guesses: list[Guess]) -> bool:
    return is_overruled(command, guesses, guesses)


def test_rules_are_overruled_only_by_a_model_that_is_sure_of_something_else() -> None:
    reminder = CreateReminder(title="x", remind_at=NOW)
    assert overruled(reminder, [Guess("unsupported.taxi", 0.9), Guess("reminder", 0.01)])
    assert not overruled(reminder, [Guess("unsupported.taxi", 0.6), Guess("reminder", 0.39)])
    assert not overruled(Help(), [Guess("none", 0.45), Guess("help", 0.0)])
    assert not overruled(Help(), [])
    assert not overruled(SnoozeReminder(minutes=10), [Guess("alarm", 0.9)])


@pytest.mark.parametrize(
    "text", ["add some coffee", "Setz Kaffee auf die Liste", "ajoute du café", "note du café"]
)
def test_coffee_for_a_list_is_none_to_be_made(text: str) -> None:
    assert read(text, "unsupported.coffee") is None


@pytest.mark.parametrize("text", ["put on some coffee", "setz einen Kaffee auf", "fais un café"])
def test_coffee_to_be_made_is_none_for_a_list(text: str) -> None:
    found = read(text, "unsupported.coffee")
    assert found is not None
    assert found.unsupported == "coffee"


@pytest.mark.parametrize(
    "text", ["welcher Wochentag ist der 24.12.?", "was für ein Tag ist der 24.12.?"]
)
def test_the_day_of_the_week_of_a_short_date(text: str) -> None:
    found = rules().parse(text, NOW, BERLIN, ()).command
    assert isinstance(found, DateTimeQuestion)
    assert found.moment is not None


def test_each_thing_of_a_list_is_without_its_article() -> None:
    found = (
        rules().parse("ajoute du thé et du sucre à la liste de courses", NOW, BERLIN, ()).command
    )
    assert isinstance(found, AddToList)
    assert found.items == ("thé", "sucre")


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("my calendar is a mess", False),
        ("mein Kalender ist ein Chaos", False),
        ("mon agenda est un désastre", False),
        ("my three o'clock meeting is cancelled", True),
        ("mein Termin um drei ist abgesagt", True),
        ("delete the meeting", True),
    ],
)
def test_what_tells_how_something_is_takes_nothing_away(text: str, possible: bool) -> None:
    assert bool(rules().allowed(message(text), [Guess("delete_event", 0.95)])) is possible
