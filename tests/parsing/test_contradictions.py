"""Words of a sentence that rule out what it may otherwise be taken for."""

from __future__ import annotations

import pytest

from bench.parse.cases import CATALOG
from pisovereign.parsing.intent_model import Guess
from tests.parsing.support import BERLIN, NOW, message
from tests.support.rules import rules


@pytest.mark.parametrize(
    "text",
    [
        "pause the pasta timer",
        "add 10 minutes to the timer",
        "increase my timer by 5 minutes",
        "take two minutes off the pasta timer",
        "pausiere den Timer",
        "Nudel Timer anhalten",
        "verlängere den Timer um fünf Minuten",
        "ajoute dix minutes au minuteur",
        "mets le minuteur en pause",
    ],
)
@pytest.mark.parametrize("intent", ["timer", "cancel_timer"])
def test_a_timer_that_runs_is_neither_set_nor_canceled_to_change_it(text: str, intent: str) -> None:
    guesses = [Guess(intent, 0.99)]
    parsed = rules().by_intent(message(text), guesses, CATALOG)
    assert rules().parse(text, NOW, BERLIN, CATALOG).command is None
    assert parsed is None or parsed.command is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("cancel the timer for 2 minutes", "timer"),
        ("delete dentist on friday at 5", "event"),
        ("add dentist on friday at 5", "delete_event"),
        ("remind me to pause the music at 5", "cancel_reminder"),
        ("delete call the plumber off my shopping list", "delete_event"),
        ("streiche Zahnarzt am Freitag um 5", "event"),
        ("lösche Klempner anrufen von der Einkaufsliste", "delete_event"),
        ("supprime le dentiste vendredi à 17 h", "event"),
    ],
)
def test_the_opposite_of_what_is_said_is_never_done(text: str, intent: str) -> None:
    parsed = rules().by_intent(message(text), [Guess(intent, 0.99)], CATALOG)
    assert parsed is None or parsed.command is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("cancel the timer for 2 minutes", "cancel_timer"),
        ("add milk to the shopping list", "list_add"),
        ("add a reminder in 10 minutes to check the timer", "reminder"),
    ],
)
def test_what_is_said_is_done(text: str, intent: str) -> None:
    parsed = rules().by_intent(message(text), [Guess(intent, 0.99)], CATALOG)
    assert parsed is not None
    assert parsed.command is not None
