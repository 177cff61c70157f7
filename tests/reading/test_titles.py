"""A title may stand after a colon, whatever is said before it."""

from __future__ import annotations

import pytest

from pisovereign.actions.types import CreateCalendarEvent, CreateReminder
from tests.parsing.support import command, local

EVENTS = {
    "Create an event tomorrow at 9: dentist": "dentist",
    "Create an event at 9 tomorrow: dentist": "dentist",
    "Add an appointment tomorrow at 9: dentist": "dentist",
    "Schedule tomorrow at 9: dentist": "dentist",
    "Put in my calendar tomorrow at 9: dentist": "dentist",
    "Appointment tomorrow at 9am: dentist": "dentist",
    "Meeting tomorrow from 9 to 10: budget": "budget",
    "Trage morgen um 9 ein: Zahnarzt": "Zahnarzt",
    "Trag morgen von 9 bis 10 ein: Zahnarzt": "Zahnarzt",
    "Trage einen Termin morgen um 9 Uhr ein: Zahnarzt": "Zahnarzt",
    "Trage morgen um 9 in meinen Kalender ein: Zahnarzt": "Zahnarzt",
    "Trage ein: morgen um 9 Zahnarzt": "Zahnarzt",
    "Lege morgen um 9 einen Termin an: Zahnarzt": "Zahnarzt",
    "Merke morgen um 9 vor: Zahnarzt": "Zahnarzt",
    "Termin morgen um 9: Zahnarzt": "Zahnarzt",
    "Termin für morgen, 9 Uhr: Zahnarzt": "Zahnarzt",
}


@pytest.mark.parametrize("text", EVENTS)
def test_an_event_has_its_hour_and_its_title(text: str) -> None:
    assert command(text) == CreateCalendarEvent(
        title=EVENTS[text], start=local("03-12 09:00"), end=local("03-12 10:00"), location=None
    )


@pytest.mark.parametrize(
    "text", ["Remind me tomorrow at 9: dentist", "Erinnere mich morgen um 9: dentist"]
)
def test_a_reminder_has_them_too(text: str) -> None:
    assert command(text) == CreateReminder(title="dentist", remind_at=local("03-12 09:00"))


@pytest.mark.parametrize(
    "text",
    [
        "Termin morgen um 9: abgesagt",
        "Meeting tomorrow at 9: cancelled",
        "Meeting morgen um 9: ich komme nicht",
        "Termin morgen um 9: wichtig?",
        "Der Termin morgen um 9: Zahnarzt",
        "Termin morgen: Zahnarzt",
    ],
)
def test_who_tells_of_an_event_asks_for_none(text: str) -> None:
    assert not isinstance(command(text), CreateCalendarEvent)
