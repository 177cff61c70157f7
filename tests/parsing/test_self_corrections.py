"""Orders that take back a part of themselves, and repeats that there are none of."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from bench.parse.cases import CATALOG
from pisovereign.parsing.intent_model import Guess
from tests.parsing.support import BERLIN, NOW, message, service
from tests.support.rules import rules


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("set an alarm for 7 no wait 8", "alarm"),
        ("set an alarm for 7, no, sorry, 8", "alarm"),
        ("remind me at 5, scratch that, at 6 to call Ada", "reminder"),
        ("add eggs no wait milk to the shopping list", "list_add"),
        ("book lunch with Tom on Monday, actually no, Tuesday at 12", "event"),
        ("Stell den Wecker auf 7, nein doch auf 8", "alarm"),
        ("Termin am Donnerstag ach nee Freitag um 9 Zahnarzt", "event"),
        ("setz Milch quatsch Hafermilch auf die Einkaufsliste", "list_add"),
        ("mets un réveil à 7h non pardon 8h", "alarm"),
        ("ajoute du lait euh non des œufs à la liste de courses", "list_add"),
    ],
)
def test_what_corrects_itself_is_not_carried_out_as_the_half_of_it(text: str, intent: str) -> None:
    assert rules().parse(text, NOW, BERLIN, CATALOG).command is None
    parsed = rules().weigh(message(text), [Guess(intent, 0.99)], CATALOG)
    assert parsed.command is None
    assert parsed.unsupported == "corrections"


def test_it_is_not_parted_into_two_orders() -> None:
    text = "set an alarm for 7, no wait, set an alarm for 8"
    parts = asyncio.run(service([Guess("alarm", 0.99)]).read_all(uuid4(), text))
    assert [part.command for part in parts] == [None]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("add no-waiting signs to the shopping list", "list_add"),
        ("remind me at 5 to say sorry to Ada", "reminder"),
        ("erinnere mich um 5 daran, nein zu sagen", "reminder"),
        ("rappelle-moi à 17h de dire non à Paul", "reminder"),
    ],
)
def test_words_of_a_title_correct_nothing(text: str, intent: str) -> None:
    parsed = rules().weigh(message(text), [Guess(intent, 0.99)], CATALOG)
    assert parsed.command is not None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("remind me every second Thursday of the month at 9 to water the plants", "reminder"),
        ("add a meeting every first Monday of the month at 9", "event"),
        ("book the band on the last Friday of every month at 8pm", "event"),
        ("erinnere mich jeden zweiten Donnerstag im Monat um 9 an den Müll", "reminder"),
        ("Termin am ersten Montag jedes Monats um 9: Chor", "event"),
        ("rappelle-moi chaque premier lundi du mois à 9h de payer le loyer", "reminder"),
    ],
)
def test_a_weekday_of_each_month_is_not_taken_for_a_single_day(text: str, intent: str) -> None:
    parsed = rules().weigh(message(text), [Guess(intent, 0.99)], CATALOG)
    assert parsed.command is None
    assert parsed.unsupported == "intervals"
