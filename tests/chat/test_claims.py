"""Which sentences claim that something was done."""

from __future__ import annotations

import pytest

from pisovereign.chat.claims import ClaimDetector
from pisovereign.languages import LANGUAGES, load_data

DETECTOR = ClaimDetector()


CLAIMS = (
    "I've set a reminder for tomorrow at 8.",
    "I’ve set a reminder for tomorrow at 8.",
    "I will remind you tomorrow at 10:00: Bins",
    "Sure, I'll add milk to your shopping list.",
    "Your reminder has been set for 8 am.",
    "Milk has been added to your shopping list.",
    "The lights are now off.",
    "I've turned off the lights in the living room.",
    "Your alarm for 6:30 has been canceled.",
    "I've ordered a pizza for you.",
    "I'm playing your favorite music now.",
    "Reminder set for 8:00.",
    "Done!",
    "Moved: Friday at 17:00: call mum",
    "Cancel: Friday at 18:31: wash the car",
    "I can't do that, but I've set a reminder.",
    "I just sent the email to Anna.",
    "There are 2 alarms set.",
    "Ich erinnere dich morgen um 10:00 Uhr: Mülltonne",
    "Ich habe Milch auf die Einkaufsliste gesetzt.",
    "Okay, habe ich notiert.",
    "Die Erinnerung wurde eingetragen.",
    "Ich werde dich morgen daran erinnern.",
    "Der Wecker ist auf 7 Uhr gestellt.",
    "Ich schalte das Licht ein.",
    "Das Licht ist jetzt an.",
    "Erledigt.",
    "Ja, ich sage auch meiner Frau Bescheid.",
    "Ich habe ihr Bescheid gesagt.",
    "Ich gebe ihm morgen Bescheid.",
    "Ich benachrichtige deine Frau.",
    "Sure, I'll let your wife know.",
    "Je préviens ta femme.",
    "Verschoben: morgen um 9",
    "<tool_response>",
)


@pytest.mark.parametrize("sentence", CLAIMS)
def test_claims(sentence: str) -> None:
    assert DETECTOR.claims(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I can set reminders for you.",
        "I cannot turn on the lights.",
        "I have not set an alarm.",
        "Would you like me to set a reminder?",
        "If you tell me the time, I will set a reminder.",
        "I'll be happy to help you.",
        "You can add milk to your shopping list.",
        "The event was canceled in 1945.",
        "Set the timer for ten minutes and bake the cake.",
        "To turn off the lights, press the switch.",
        "She has sent the letter.",
        "I will tell you a joke.",
        "A reminder is a note that helps you remember.",
        "I have added 3 and 4, which is 7.",
        "Ich kann das Licht nicht einschalten.",
        "Soll ich eine Erinnerung anlegen?",
        "Ich habe das leider nicht verstanden.",
        "Du kannst den Termin selbst eintragen.",
        "Ich kann niemandem Bescheid sagen.",
        "Sag deiner Frau Bescheid.",
        "I cannot let your wife know.",
        "Die Besprechung dauert eine Stunde.",
        "Wenn du mir die Zeit sagst, stelle ich den Wecker.",
    ],
)
def test_other_sentences(sentence: str) -> None:
    assert not DETECTOR.claims(sentence)


def test_yes_alone_accepts_what_comes_next() -> None:
    assert DETECTOR.accepts("Sure, no problem!")
    assert DETECTOR.accepts("Alles klar.")
    assert not DETECTOR.accepts("Sure, it rains.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_use_lists_that_there_are(language: str) -> None:
    data = load_data(language, "claims")
    forms = [*data["forms"]["claims"], *data["forms"]["openings"]]
    named = {part.strip("<>*") for form in forms for part in form.split() if part[0] == "<"}
    assert named <= set(data["words"])
    assert {"acceptance", "refusal", "condition"} <= set(data["words"])
