"""An order that cancels, moves or deletes is one of these, or none: it never shows or creates."""

from __future__ import annotations

import pytest

from pisovereign.actions.types import (
    CancelReminders,
    CreateCalendarEvent,
    CreateReminder,
    DeleteCalendarEvent,
    EmailSummary,
    ListCalendarEvents,
    MoveCalendarEvent,
    MoveReminder,
)
from pisovereign.parsing.model_proposals import COMMANDS, Proposal
from tests.parsing.support import command, message
from tests.support.rules import rules

UNDOING = (CancelReminders, DeleteCalendarEvent, MoveCalendarEvent, MoveReminder)
ORDERS = [
    "Cancel the meeting tomorrow at 9", "Move the meeting tomorrow at 9 to 10",
    "Reschedule the meeting tomorrow", "Delete the meeting tomorrow at 9",
    "Delete all my reminders", "Could you cancel my meetings tomorrow?", "Clear my calendar",
    "Delete the meeting on Friday at 9 in my calendar", "Please put off the meeting tomorrow at 9",
    "Move the meeting on Friday at 9 to my calendar", "Call off the meeting tomorrow",
    "Set the meeting back to 10 tomorrow", "Push the meeting to tomorrow",
    "Bring the meeting forward to today", "Check off my reminders", "Turn off the alarm at 9",
    "Sage das Meeting morgen um 9 Uhr ab", "Sag meine Termine morgen ab", "Sage alle Termine ab",
    "Sag das Meeting am Freitag doch ab!", "Bitte sag alle meine Termine für morgen ab",
    "Sag mir bitte alle Termine ab", "Kannst du das Meeting morgen ab sagen?",
    "Sag die Erinnerungen ab", "Sag das Briefing ab", "Kannst du meine Termine morgen absagen?",
    "Verschiebe das Meeting auf morgen", "Verschiebe das Meeting morgen um 9 in meinen Kalender",
    "Lösche alle meine Erinnerungen", "Kannst du meine Erinnerungen löschen?",
    "Mach alle Termine morgen weg", "Mach das Meeting morgen rückgängig",
    "Mache den Termin morgen um 9 weg", "Setze das Meeting morgen um 9 ab",
    "Trage das Meeting morgen um 9 wieder aus", "Plane das Meeting um auf morgen um 9",
    "Plane das Meeting morgen um 9 um", "Stelle die Erinnerung auf 10 Uhr um",
    "Stelle den Wecker morgen um 9 aus", "Setze das Meeting von 9 auf 10 Uhr",
    "Lass das Meeting morgen ausfallen", "Schieb das Meeting auf morgen",
    "Cancel the meeting. What's on my calendar tomorrow?",
]  # fmt: skip


@pytest.mark.parametrize("text", ORDERS)
def test_an_order_to_undo_something_is_such_a_command_or_none(text: str) -> None:
    found = command(text)
    assert found is None or isinstance(found, UNDOING)


@pytest.mark.parametrize("text", ORDERS)
def test_it_is_none_for_the_model(text: str) -> None:
    for name in COMMANDS:
        title = "Meeting" if "Meeting" in text else "meeting"
        assert rules().accept(message(text), Proposal(name, title)) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Remind me tomorrow at 9 to cancel the meeting", "cancel the meeting"),
        ("Erinnere mich morgen um 9 daran, das Meeting abzusagen", "das Meeting absagen"),
        ("Stelle eine Erinnerung für morgen um 9 Uhr: Heizung aus", "Heizung aus"),
    ],
)
def test_somebody_may_be_reminded_to_do_so(text: str, title: str) -> None:
    found = command(text)
    assert isinstance(found, CreateReminder)
    assert found.title == title


def test_the_same_words_may_belong_to_a_question() -> None:
    assert isinstance(command("Sag mir meine Termine ab morgen"), ListCalendarEvents)
    assert isinstance(command("Sag mir, was ab morgen ansteht"), ListCalendarEvents)
    assert isinstance(command("Ruf meine Mails ab"), EmailSummary)
    shift = command("Shift tomorrow from 9 to 5 in my calendar")
    assert isinstance(shift, CreateCalendarEvent)
    assert shift.title == "Shift"
