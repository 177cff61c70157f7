"""Two reminders in one sentence are not read as one of them."""

from __future__ import annotations

import pytest

from pisovereign.actions.types import CreateReminder
from tests.parsing.support import command

TWO = [
    "Remind me tomorrow at 9 to call Ada and at 10 to call Ben",
    "Remind me tomorrow at 9 to call Ada and on Friday at 10 to call Ben",
    "Remind me tomorrow at 9 to call Ada, at 10 to call Ben",
    "Remind me tomorrow at 9 to call Ada and then at 10 to call Ben",
    "Remind me tomorrow at 9 to call Ada and remind me at 10 to call Ben",
    "Remind me tomorrow at 9 about Ada and at 10 about Ben",
    "Remind me tomorrow at 9 and at 10 to call Ben",
    "Remind me to call Ada at 9 and to call Ben at 10",
    "Remind me in 10 minutes to call Ada and in 20 minutes to call Ben",
    "Erinnere mich morgen um 9 an Ada und um 10 an den Arzt",
    "Erinnere mich morgen um 9 an Ada, um 10 an Ben",
    "Erinnere mich morgen um 9 daran, Ada anzurufen, und um 10 daran, Ben anzurufen",
    "Erinnere mich morgen um 9 Ada anzurufen und um 10 Ben anzurufen",
    "Erinnere mich um 9 und um 10 an den Arzt",
    "Kannst du mich morgen um 9 an Ada und am Freitag an Ben erinnern?",
    "Setze eine Erinnerung morgen um 9 für Ada und um 10 für Ben",
]

ONE = {
    "Remind me tomorrow at 9 to call Ada and Ben": "call Ada and Ben",
    "Remind me tomorrow at 9 to go to the bank and to the doctor": (
        "go to the bank and to the doctor"
    ),
    "Remind me tomorrow to meet Ada, at 3, about the plan": "meet Ada, at 3, about the plan",
    "Remind me tomorrow at 9 that I meet Ada at 3 and Ben at 4": "I meet Ada at 3 and Ben at 4",
    "Erinnere mich morgen um 9 an Ada und Ben": "Ada und Ben",
    "Erinnere mich morgen um 8 daran, dass um 9 Ada kommt und um 10 Ben": (
        "Ada kommt und um 10 Ben"
    ),
}


@pytest.mark.parametrize("text", TWO)
def test_no_reminder_takes_the_second_one_for_its_title(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize("text", ONE)
def test_a_title_may_hold_times_and_more_than_one_thing(text: str) -> None:
    found = command(text)
    assert isinstance(found, CreateReminder)
    assert found.title == ONE[text]
