"""Questions about what the program did."""

from __future__ import annotations

import msgspec
import pytest

from pisovereign.actions import types
from pisovereign.dialogue.types import Ask, Say
from tests.dialogue.states import MADE, command, known, plan, question

TOLD = msgspec.structs.replace(MADE, text="I will remind you: bins")
ASKS = [
    ("en", "what did you just do?"), ("en", "did you do that?"),
    ("de", "was hast du gerade gemacht?"),
    ("de", "hast du das gemacht?"), ("de", "und das klappt auch sicher?"),
    ("en", "and you will really wake me?"), ("fr", "tu vas vraiment me réveiller ?"),
    ("fr", "qu'est-ce que tu viens de faire ?"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), ASKS)
def test_what_was_done_last_is_told(language: str, text: str) -> None:
    planned = plan(text, known(last=TOLD, effect=TOLD), language=language)
    assert planned is not None
    assert planned.steps == (Say(key="did_last", values={"text": TOLD.text}),)


@pytest.mark.parametrize(("language", "text"), ASKS)
def test_where_nothing_was_done_that_is_told(language: str, text: str) -> None:
    planned = plan(text, None, language=language)
    assert planned is not None
    assert planned.steps == (Say(key="did_nothing"),)


def test_what_is_still_asked_for_was_not_done() -> None:
    asked = question("missing", "SendEmail", known={"body": "late"}, missing=("to",))
    planned = plan("what did you just do?", known(last=TOLD, questions=(asked,)))
    assert planned is not None
    assert planned.steps == (Say(key="did_nothing_yet"), Ask(asked))
    assert planned.answered


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "did you set the alarm?"), ("de", "hast du den Wecker gestellt?"),
        ("fr", "as-tu mis le réveil ?"),
    ],
)  # fmt: skip
def test_whether_there_is_one_is_looked_up(language: str, text: str) -> None:
    for state in (None, known(last=TOLD, effect=TOLD)):
        assert command(text, state, language=language) == types.ListReminders(kind="alarm")


@pytest.mark.parametrize(
    "text", ["did you like the film?", "have you seen the news?", "hast du Hunger?"]
)
def test_talk_is_no_such_question(text: str) -> None:
    assert plan(text, known(last=TOLD, effect=TOLD)) is None
