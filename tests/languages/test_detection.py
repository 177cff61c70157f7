"""Which language a text is in, a message is answered in, and a client prefers."""

from __future__ import annotations

import pytest

from pisovereign.languages import LANGUAGES
from pisovereign.languages.detection import (
    accepted_language,
    detect_language,
    language_of,
    possible_languages,
    written_language,
)


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
    assert detect_language(message, "de") == "en"


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
    assert detect_language(message, "en") == "de"


def test_neither() -> None:
    assert detect_language("Briefing", "en") == "en"
    assert detect_language("Briefing", "de") == "de"
    assert detect_language("", "de") == "de"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("When was the heating maintained?", "en"),
        ("Wann wurde die Heizung gewartet?", "de"),
        ("Tell me what a Fahrrad is", "en"),
        ("Was heißt the auf Deutsch, und wie spricht man das aus?", "de"),
        ("Minka", None),
        ("", None),
    ],
)
def test_stop_words_tell_the_language(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("pt, de;q=0.7, en;q=0.3", "de"),
        ("en;q=0.2 , DE;q=0.7", "de"),
        ("de;q=0", "en"),
        ("de,en", "de"),
        ("en,de", "en"),
        ("default;q=1.0", "en"),
        ("de;q=nonsense", "en"),
        ("," * 100_000 + "de", "en"),
    ],
)
def test_accepted_language(header: str | None, language: str) -> None:
    assert accepted_language(header) == language


@pytest.mark.parametrize(
    "message",
    ["Quel temps fait-il à Londres ?", "Montre mon agenda", "rappelle-moi d'appeler John à 5 h",
     "nouveaux courriels", "l'heure", "merci"],
)  # fmt: skip
def test_french(message: str) -> None:
    assert detect_language(message, "en") == "fr"


def test_names_and_codes_are_of_no_language() -> None:
    assert detect_language("Run greet parrot 3e1d7c", "en") == "en"
    assert detect_language("What's John's number?", "de") == "en"


def test_the_languages_that_a_message_may_be_in() -> None:
    assert possible_languages("Wie wird das Wetter?") == ("de",)
    assert set(possible_languages("Show meine Termine")) == {"en", "de"}
    assert possible_languages("xyz") == LANGUAGES


def test_letters_within_a_name_of_letters_and_digits_are_no_word() -> None:
    assert possible_languages("Run parrot e3de9") == possible_languages("Run parrot")


@pytest.mark.parametrize(
    ("message", "own", "written"),
    [
        ("Wie lange kocht ein weiches Ei?", "de", "de"),
        # Most words of it tell the language, whoever writes.
        ("Was ist die Hauptstadt von Frankreich?", "en", "de"),
        ("What is the capital of Italy?", "de", "en"),
        # A word that tells none is meant in the writer's own.
        ("Photosynthese?", "de", "de"),
        ("Photosynthese?", "fr", "fr"),
        # Spanish, Dutch and Polish: there are no data, and some words look like French ones.
        ("¿Cuál es la capital de Francia?", "de", None),
        ("¿Cuál es la capital de Francia?", "en", None),
        ("Schrijf een kort gedicht over de herfst", "de", None),
        ("Jaka jest stolica Francji?", "en", None),
    ],
)
def test_the_language_to_ask_a_model_for(message: str, own: str, written: str | None) -> None:
    assert written_language(message, own) == written
