"""What is let through of an answer, and when."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.chat.claim_filter import ClaimFilter
from pisovereign.chat.claims import ClaimDetector
from tests.chat.test_claims import CLAIMS

DETECTOR = ClaimDetector()
FJORD = "A fjord is a long, narrow inlet of the sea between cliffs. It is deep! Is that all?\n"
CODE = "Like this:\n```python\nalarm.set()\nDone.\n```\nThat is the whole program."


def run(text: str, cuts: list[int]) -> tuple[list[str], bool]:
    answer = ClaimFilter(DETECTOR)
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    pieces = [answer.feed(text[start:end]) for start, end in pairwise(edges)]
    return [*pieces, answer.finish()], answer.claimed


any_cuts = st.lists(st.integers(0, 1000), max_size=40)


@given(st.sampled_from((FJORD, CODE, "Sure.\n\nParis is the capital.", "Okay", "")), any_cuts)
def test_what_claims_nothing_comes_through_unchanged(text: str, cuts: list[int]) -> None:
    pieces, claimed = run(text, cuts)
    assert "".join(pieces) == text
    assert not claimed


@given(any_cuts)
def test_a_claim_ends_the_answer_before_it(cuts: list[int]) -> None:
    text = "That is a good idea. Sure! I've set a reminder for 8 o'clock. Is there more?"
    pieces, claimed = run(text, cuts)
    assert "".join(pieces).strip() == "That is a good idea."
    assert claimed


@given(any_cuts)
def test_a_claim_without_an_end_is_one_too(cuts: list[int]) -> None:
    pieces, claimed = run("I will remind you tomorrow at 10:00: Bins", cuts)
    assert "".join(pieces) == ""
    assert claimed


def shown_with_each_word(text: str, **how: Any) -> list[str]:
    answer = ClaimFilter(DETECTOR, **how)
    return [answer.feed(f"{word} ") for word in text.split(" ")]


def test_words_that_begin_no_claim_are_shown_at_once() -> None:
    assert "".join(shown_with_each_word(FJORD)[:9]) == "A fjord is a long, narrow inlet of the "


def test_a_word_that_begins_one_is_held_until_it_does_not() -> None:
    assert shown_with_each_word("I have always liked it.") == [
        "",
        "",
        "I have always ",
        "liked ",
        "it. ",
    ]


def test_a_word_that_has_only_begun_is_held_if_it_may_begin_a_claim() -> None:
    answer = ClaimFilter(DETECTOR)
    assert [answer.feed(text) for text in ("It", "aly", " i", "s")] == ["", "Italy", " ", "is"]


def test_what_claims_nothing_yet_is_shown_before_the_rest_is_known() -> None:
    pieces = shown_with_each_word("The music of the north has changed a lot.")
    assert pieces[:5] == ["The ", "music ", "of ", "the ", "north "]
    assert "".join(shown_with_each_word("The reminder for Ada has been set. ")) == (
        "The reminder for Ada "
    )


def test_where_nothing_is_held_a_claim_is_noticed_behind() -> None:
    answer = ClaimFilter(DETECTOR, holds=False)
    assert answer.feed("It is late. I have set") == "It is late. I have set"
    assert answer.feed(" a reminder. And more") == ""
    assert answer.claimed
    other = ClaimFilter(DETECTOR, holds=False)
    assert other.feed("I have set a reminder") == "I have set a reminder"
    assert other.finish() == ""
    assert other.claimed


def test_a_claim_is_never_shown_whole() -> None:
    for text in CLAIMS:
        pieces = shown_with_each_word(f"It is late. {text} ")
        assert not any(DETECTOR.claims(part) for part in "".join(pieces).split(". ")), text


def test_from_a_word_on_that_may_claim_the_rest_is_held() -> None:
    answer = ClaimFilter(DETECTOR)
    shown = answer.feed("The weather in the mountains is often cold, and I have added it ")
    assert "added" not in shown
    assert answer.feed("to your shopping list. ") == ""
    assert answer.claimed
    assert answer.feed("More. ") == ""
    assert answer.finish() == ""


def test_what_begins_as_a_result_of_a_command_is_a_claim() -> None:
    results = ("Your timer rings at 17:40.", "No reminders.")
    answer = ClaimFilter(DETECTOR, results=results)
    assert answer.feed("It is late. Your timer rings at 18:00. ") == "It is late."
    assert answer.claimed
    other = ClaimFilter(DETECTOR, results=results)
    assert other.feed("No reminders. Why? ") + other.finish() == "No reminders. Why? "


def test_words_of_a_result_with_its_time_are_a_claim() -> None:
    results = ("Ich erinnere dich morgen um 10:00 Uhr: Mülltonne",)
    answer = ClaimFilter(DETECTOR, results=results)
    shown = answer.feed("Erinnere mich morgen um 10:00 Uhr: Mülltonne") + answer.finish()
    assert answer.claimed
    assert shown == "Erinnere mich morgen "  # so much may be said of anything
    other = ClaimFilter(DETECTOR, results=results)
    text = "Die Mülltonne steht vor der Tür."
    assert other.feed(text) + other.finish() == text


def test_a_sentence_without_an_end_is_held_in_parts() -> None:
    answer = ClaimFilter(DETECTOR)
    text = "I have always " + "liked what we have, and " * 200
    held, most = 0, 0
    shown = ""
    for word in text.split(" "):
        shown += answer.feed(f"{word} ")
        held += len(word) + 1
        most = max(most, held - len(shown))
    assert most < 1_100
    assert shown + answer.finish() == f"{text} "
    assert not answer.claimed


def test_a_claim_late_in_a_sentence_without_an_end_is_one() -> None:
    answer = ClaimFilter(DETECTOR)
    text = "I like what we have, and " * 60 + "I have set a reminder for 8 for you, "
    shown = "".join(answer.feed(f"{word} ") for word in text.split(" "))
    shown += answer.finish()
    assert answer.claimed
    assert "reminder" not in shown


CALENDAR = "Tomorrow:\n- 10:00 Meeting with Ada (room 3)\n- 14:30 Dentist"


def answered(text: str, known: str) -> tuple[str, bool]:
    """What is shown of an answer that was given after tools had found something."""
    answer = ClaimFilter(DETECTOR, known=[known] if known else [])
    shown = answer.feed(text) + answer.finish()
    return shown, answer.claimed


@pytest.mark.parametrize(
    "text",
    [
        "I have checked your calendar.",
        "Ich habe in deinem Kalender nachgesehen und zwei Termine gefunden.",
        "Your meeting with Ada has been scheduled for 10:00.",
        "The dentist appointment was booked for 14:30.",
    ],
)
def test_what_tools_have_found_may_be_told(text: str) -> None:
    assert answered(text, CALENDAR) == (text, False)


@pytest.mark.parametrize("text", ["Your meeting with Ada has been scheduled for 10:00."])
def test_without_them_it_is_a_claim(text: str) -> None:
    shown, claimed = answered(text, "")
    assert claimed
    assert not DETECTOR.claims(shown)


@pytest.mark.parametrize(
    "text",
    [
        "I have checked your calendar and added a meeting.",
        "I have set a reminder for the meeting with Ada at 10:00.",
        "Your meeting with Ada has been scheduled for 11:00.",
        "Your reminder has been set for 10:00.",
        "Ich habe nachgesehen und den Termin verschoben.",
        "I moved your meeting with Ada to 14:30.",
    ],
)
def test_what_tools_have_found_proves_no_deed(text: str) -> None:
    shown, claimed = answered(text, CALENDAR)
    assert claimed
    assert not DETECTOR.claims(shown)


def test_what_commands_told_before_may_be_told_again_if_it_was_looked_up() -> None:
    text = "Tomorrow at 10:00 there is the meeting with Ada."
    before = "Tomorrow at 10:00 there is: meeting"
    answer = ClaimFilter(DETECTOR, results=[before])
    assert answer.feed(text) + answer.finish() == "Tomorrow "
    assert answer.claimed
    answer = ClaimFilter(DETECTOR, results=[before], known=[CALENDAR + " tomorrow there"])
    assert (answer.feed(text) + answer.finish(), answer.claimed) == (text, False)
