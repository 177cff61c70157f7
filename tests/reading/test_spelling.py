"""Keywords with one letter wrong and shorthand are read, and nothing else is changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.words import word_list
from pisovereign.reading.spelling import SpellingCorrector, keywords_of
from tests.support.server import Server

CORRECTOR = SpellingCorrector()
KEYWORDS = sorted(word for word in word_list("en", "keywords") if len(word) >= 5)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "set an alram for 7", "set an alarm for 7"),
        ("en", "Show my remidners", "Show my reminders"),
        ("en", "add milk to the shoping list", "add milk to the shopping list"),
        ("en", "remind me tomorow at 8", "remind me tomorrow at 8"),
        ("en", "what is on for wedesdy", "what is on for wedesdy"),  # two letters
        ("en", "I wonder whether it is far", "I wonder whether it is far"),
        ("de", "stell den Weker auf 7", "stell den wecker auf 7"),
        ("de", "lecker, ein Termin", "lecker, ein Termin"),
        ("fr", "montre mes rapels", "montre mes rappels"),
        ("en", "whats on, can u tell me", "what's on, can you tell me"),
        ("en", "what's up, you'r late", "what's up, you'r late"),
        ("de", "gibts nen Termin", "gibt es einen Termin"),
        ("fr", "stp montre", "s'il te plaît montre"),
    ],
)
def test_one_letter(language: str, text: str, meant: str) -> None:
    assert CORRECTOR.correct(language, text) == meant


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "remind me tomorrrow to set an alram", "remind me tomorrow to set an alram"),
        ("en", "call Mandy on firday, Sunny", "call Mandy on friday, Sunny"),
        ("de", "morrgen mit Morten, Freya und Jana", "morgen mit Morten, Freya und Jana"),
        ("de", "jeden Montga um 7", "jeden montag um 7"),
        ("fr", "demian avec Damien, u", "demain avec Damien, u"),
    ],
)
def test_words_that_say_when(language: str, text: str, meant: str) -> None:
    assert CORRECTOR.correct_times(language, text) == meant


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_usual_word_is_a_keyword(language: str) -> None:
    near = set(load_data(language, "near_words")["words"].split())
    assert near
    assert not near & keywords_of(language)


@given(st.sampled_from(KEYWORDS), st.integers(0, 40), st.sampled_from("qxz"))
def test_any_keyword_is_found_again_behind_a_wrong_letter(word: str, at: int, letter: str) -> None:
    at %= len(word)
    damaged = word[:at] + letter + word[at + 1 :]
    corrected = CORRECTOR.correct("en", damaged)
    assert corrected in {word, damaged}  # two keywords may be equally near
    assert CORRECTOR.correct("en", word) == word


def test_keywords_of_a_language_are_no_typos_in_another() -> None:
    for language in LANGUAGES:
        for word in word_list(language, "keywords"):
            assert all(CORRECTOR.correct(other, word) == word for other in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("add milk to the shoping list", "AddToList"),
        ("set an alram for 7", "SetAlarm"),
        ("show my remidners", "ListReminders"),
        ("zeig meine Erinerungen", "ListReminders"),
        ("whats on my remiders", "ListReminders"),
        ("we r out of coffee can u add that to the shoping list", "AddToList"),
        (
            "oh man i keep forgetting the recycling, remind me tomorow at 7 in the morning ok?",
            "CreateReminder",
        ),
    ],
)
def test_a_command_with_a_typo_is_read(server: Server, text: str, kind: str) -> None:
    read = server.request("POST", "/v1/commands/parse", json={"input": text}).json()
    assert read["command"]["type"] == kind
    assert read["confidence"] >= 0.7


def test_a_title_keeps_its_letters(server: Server) -> None:
    text = "remind me tomorrow at 8 to call Alram and Timeer"
    read = server.request("POST", "/v1/commands/parse", json={"input": text}).json()
    assert read["command"]["title"] == "call Alram and Timeer"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("remnd me to tkae my pils tomorrrow at 8", "remind me to take my pills tomorrow at 8"),
        (
            "Erinere mcih jeden Montga um 7 an den Müll",
            "Erinnere mich jeden Montag um 7 an den Müll",
        ),
        ("rapelle-moi demian à 8h de sortir", "rappelle-moi demain à 8h de sortir"),
    ],
)
def test_a_typo_changes_no_time(server: Server, text: str, plain: str) -> None:
    read, right = (
        server.request("POST", "/v1/commands/parse", json={"input": each}).json()["command"]
        for each in (text, plain)
    )
    assert {**read, "title": ""} == {**right, "title": ""}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("set a reminder for the evening of the day after tomorrow", "CreateReminder"),
        ("stell eine Erinnerung für morgen Abend", "CreateReminder"),
        ("put flour on the shoping list", "AddToList"),
    ],
)
def test_an_order_to_make_one_asks_for_none_that_there_are(
    server: Server, text: str, kind: str
) -> None:
    read = server.request("POST", "/v1/commands/parse", json={"input": text}).json()
    assert read["command"]["type"] == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the pasta is done, cancel the timer", "CancelReminders"),
        ("cancel the alarm for 7, I'm awake", "CancelReminders"),
        ("ich bin müde, stell den Wecker auf 7 Uhr", "SetAlarm"),
        ("je suis fatigué, mets le réveil à 7 heures", "SetAlarm"),
    ],
)
def test_what_only_tells_something_is_left_away(server: Server, text: str, kind: str) -> None:
    read = server.request("POST", "/v1/commands/parse", json={"input": text}).json()
    assert read["command"]["type"] == kind


@pytest.mark.parametrize(
    "text",
    [
        "if the pasta is done, cancel the timer",
        "the pasta is not done, cancel the timer?",
        "she said the pasta is done, cancel the timer",
        "wenn ich müde bin, stell den Wecker auf 7 Uhr",
    ],
)
def test_a_condition_is_not_left_away(server: Server, text: str) -> None:
    read = server.request("POST", "/v1/commands/parse", json={"input": text}).json()
    assert read["command"] is None
