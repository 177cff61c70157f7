"""A statement with a time, then the request that refers to it; and what is no arithmetic."""

from __future__ import annotations

import pytest

from bench.parse.cases import CATALOG
from pisovereign.actions.computable import is_computable
from pisovereign.actions.types import Calculate, ConvertUnits, CreateReminder, RemoveFromList
from pisovereign.parsing.intent_model import Guess
from tests.parsing.support import command, local, message
from tests.support.rules import rules


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Ich muss am Freitag um 16 Uhr die Wäsche abholen, erinnere mich dran", "Wäsche abholen"),
        ("I have to collect the laundry on Friday at 4pm, remind me", "collect the laundry"),
        ("Je dois chercher le linge vendredi à 16 h, rappelle-le-moi", "chercher le linge"),
    ],
)
def test_a_reminder_that_refers_to_what_was_said_before_it(text: str, title: str) -> None:
    parsed = rules().by_intent(message(text), [Guess("reminder", 0.95)], CATALOG)
    found = parsed.command if parsed else None
    assert isinstance(found, CreateReminder)
    assert (found.title, found.remind_at) == (title, local("03-13 16:00"))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("take the rice off the list again", "rice"),
        ("nimm die Butter wieder von der Liste", "Butter"),
    ],
)
def test_again_is_no_part_of_what_is_taken_off(text: str, item: str) -> None:
    found = command(text)
    assert isinstance(found, RemoveFromList)
    assert found.items == (item,)


@pytest.mark.parametrize("text", ["count from one to a thousand", "tell me about the number 7"])
def test_numbers_alone_are_no_arithmetic(text: str) -> None:
    parsed = rules().by_intent(message(text), [Guess("sum", 0.6)], ())
    assert parsed is None or parsed.command is None


def test_what_can_be_computed() -> None:
    assert is_computable(Calculate(expression="17 % of 230"), "en")
    assert is_computable(ConvertUnits(amount=3, unit="miles", to="km"), "en")
    assert not is_computable(Calculate(expression="7"), "en")
    assert not is_computable(Calculate(expression="2 + 7f3a02b"), "en")
    assert is_computable(Calculate(expression="3x4 + 2"), "en")
    assert not is_computable(ConvertUnits(amount=3, unit="dollars", to="euros"), "en")


def test_a_guess_that_words_rule_out_overrules_nothing() -> None:
    guesses = [Guess("cancel_timer", 0.8), Guess("reminder", 0.1)]
    assert rules().allowed(message("remind me to pause the timer at 5"), guesses) == guesses[1:]
