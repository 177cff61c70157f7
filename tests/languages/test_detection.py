"""Which language a message is answered in."""

from __future__ import annotations

import pytest

from pisovereign.languages.detection import language_of


@pytest.mark.parametrize(
    "message",
    [
        "What's the weather like in Köln?",
        "Show my calendar",
        "create meeting tomorrow at 3pm",
        "any new mails?",
        "Remind me to call Jürgen at 5",
        "help",
    ],
)
def test_english(message: str) -> None:
    assert language_of(message, "de") == "en"


@pytest.mark.parametrize(
    "message",
    [
        "Wie wird das Wetter in London?",
        "Zeig mir meinen Kalender",
        "Termine heute",
        "neue Mails?",
        "Erinnere mich morgen an den Call mit John",
        "Wetter",
        "Hilfe",
    ],
)
def test_german(message: str) -> None:
    assert language_of(message, "en") == "de"


def test_neither() -> None:
    assert language_of("Briefing", "en") == "en"
    assert language_of("Briefing", "de") == "de"
    assert language_of("", "de") == "de"
