"""Orders and questions that have a known form, in each language, without any model."""

from __future__ import annotations

import msgspec
import pytest

from tests.parsing.support import command

KNOWN = {
    "set an alarm for 7am": "SetAlarm", "stell einen Wecker auf 7 Uhr": "SetAlarm",
    "mets le réveil à 7 heures demain": "SetAlarm", "set a timer for ten minutes": "SetTimer",
    "Timer fünf Minuten": "SetTimer", "mets un minuteur de dix minutes": "SetTimer",
    "cancel all reminders": "CancelReminders", "mach den Wecker aus": "CancelReminders",
    "arrête le minuteur": "CancelReminders", "turn off my alarm": "CancelReminders",
    "move the meeting with Tom to Friday at 3": "MoveCalendarEvent",
    "verschieb das Treffen mit Tom auf Freitag um 15 Uhr": "MoveCalendarEvent",
    "move the rent reminder to tomorrow at 9": "MoveReminder",
    "cancel my dentist appointment": "DeleteCalendarEvent",
    "annule mon rendez-vous chez le dentiste": "DeleteCalendarEvent",
    "add milk to the shopping list": "AddToList", "setz Milch auf die Einkaufsliste": "AddToList",
    "ajoute du lait à la liste de courses": "AddToList", "read me the to-do list": "ShowList",
    "was steht auf der Einkaufsliste?": "ShowList", "take milk off my list": "RemoveFromList",
    "make a packing list": "CreateList", "lösche die Packliste": "DeleteList",
    "what time is it?": "DateTimeQuestion", "wie spät ist es in Tokio?": "DateTimeQuestion",
    "quelle heure est-il ?": "DateTimeQuestion", "what is 17 times 24": "Calculate",
    "was ist 17 mal 24": "Calculate", "combien font 17 fois 24 ?": "Calculate",
    "how many miles are 10 kilometers": "ConvertUnits",
    "remember that my wife's name is Anna": "Remember",
    "don't remind me about the lawn any more": "CancelReminders",
    "stop reminding me about the lawn": "CancelReminders",
    "an den Rasen musst du mich nicht mehr erinnern": "CancelReminders",
    "ne me rappelle plus de tondre la pelouse": "CancelReminders",
    # They have forms of several actions, too.
    "delete everything on my shopping list": "RemoveFromList",
    "rappelle-moi encore dans 10 minutes": "SnoozeReminder",
}  # fmt: skip
OTHERS = [
    "stell einen Wecker", "turn on the alarm", "add milk to the shopping list?",
    "she said add milk to the shopping list", "cancel the meeting if it rains",
    "don't remind me to call mum", "an email to Ada: me too", "Wie kann ich Termine absagen?",
    "delete the file", "how much memory does a brain have?",
]  # fmt: skip


@pytest.mark.parametrize("text", KNOWN)
def test_a_known_form_is_read(text: str) -> None:
    found = command(text)
    assert found is not None
    assert type(found).__name__ == KNOWN[text]


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_resembles_one_is_not(text: str) -> None:
    assert command(text) is None


def test_arguments_are_the_words_that_were_said() -> None:
    found = msgspec.to_builtins(command("add milk, eggs and bread to my to-do list"))
    assert found == {"type": "AddToList", "items": ("milk", "eggs", "bread"), "list": "to-do"}
    again = msgspec.to_builtins(command("remind me every tuesday at 7am to take the bins out"))
    assert (again["title"], again["repeat"]) == ("take the bins out", "weekly")


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ("We're running out of coffee, put it on the shopping list", "coffee"),
        ("I have to call the dentist, add that to my to-do list", "I have to call the dentist"),
        ("Klopapier ist alle, schreib es auf die Einkaufsliste", "Klopapier"),
        ("Wir brauchen Hefe, setz sie bitte auf die Einkaufsliste", "Hefe"),
        ("Der Zaun muss gestrichen werden, schreib das auf die Liste", "Zaun muss gestrichen"),
        ("Je dois appeler le dentiste, note ça sur ma liste", "Je dois appeler le dentiste"),
    ],
)
def test_what_is_put_on_a_list_by_a_pronoun_was_said_before(said: str, item: str) -> None:
    found = msgspec.to_builtins(command(said))
    assert found["type"] == "AddToList"
    (only,) = found["items"]
    assert only.startswith(item)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Erinnere mich morgen um 8 an die Steuer und schreib das auf die Liste", "CreateReminder"),
        ("Create a reminder for 9 tomorrow to call mum and add it to my list", "CreateReminder"),
        ("Schedule a meeting with Tom tomorrow at 3 and add it to my to-do list", "CreateCalendar"),
        ("Find a recipe for lasagne and add it to my shopping list", ""),
        ("Remind me to call mum and put it on the list", ""),
        ("Stell einen Wecker auf 7 und schreib das auf die Liste", ""),
        ("Montre la liste et note ça sur ma liste", ""),
        ("I hate that you put it on the list", ""),
        ("How do I add it to my list", ""),
        ("Put that on my list", ""),
        ("Schreib das auf die Liste", ""),
    ],
)
def test_a_list_does_not_take_what_is_asked_for_before(said: str, kind: str) -> None:
    found = msgspec.to_builtins(command(said))
    assert (found["type"] if found else "").startswith(kind)
    assert "items" not in (found or {})
