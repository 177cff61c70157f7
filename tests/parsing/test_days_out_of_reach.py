"""Days of years that are mistakes, at both ends of the calendar."""

from __future__ import annotations

import pytest

from pisovereign.actions.types import DateTimeQuestion
from pisovereign.parsing.intent_model import Guess
from tests.parsing.support import BERLIN, NOW, message
from tests.support.rules import rules

QUESTIONS = (
    "how many days until 31.12.9999",
    "how many days until 1.1.0001",
    "what day is 31.12.9999",
    "welcher Tag ist der 31.12.9999",
    "quel jour est le 31.12.9999",
)
OTHERS = (
    "what is on my calendar on 31.12.9999",
    "show my calendar for 1.1.0001",
    "meeting with Tom on 31.12.9999 at 23:30",
    "meeting on 31.12.9999 from 23:00 to 23:59",
    "zeig mir meinen Kalender vom 31.12.9999",
)


@pytest.mark.parametrize("text", [*QUESTIONS, *OTHERS])
def test_nothing_is_read_for_such_a_day(text: str) -> None:
    assert rules().parse(text, NOW, BERLIN, []).command is None


@pytest.mark.parametrize("text", QUESTIONS[:3])
def test_today_is_no_answer_to_a_question_about_one(text: str) -> None:
    guesses = [Guess("clock", 0.99)]
    parsed = rules().by_intent(message(text), guesses, [])
    assert parsed is None or not isinstance(parsed.command, DateTimeQuestion)
