"""Approving by a word what waits, after all of it was shown."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from pisovereign.actions.types import CreateReminder
from pisovereign.dialogue.outcomes import StepOutcome, following
from pisovereign.dialogue.types import Done, Plan
from tests.support.equipped import CALENDAR, Equipped
from tests.support.server import AGENT_KEY, ALICE_KEY

MEETING = "Create a meeting with Ada tomorrow from 2 to 3 pm"
LANGUAGES = [
    (MEETING, "Yes, approve.", "Approved and done"),
    ("Erstelle einen Termin mit Ada morgen von 14 bis 15 Uhr", "Ja, genehmigen", "Genehmigt und"),
    ("Crée un rendez-vous avec Ada demain de 14 h à 15 h", "Oui, approuve", "Approuvé et fait"),
]


def say(equipped: Equipped, text: str, conversation: str, key: str = ALICE_KEY) -> dict[str, Any]:
    response = equipped.server.chat(text, conversation_id=conversation, key=key)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def ask(equipped: Equipped, conversation: str, text: str = MEETING) -> str:
    """Ask for what waits; returns the approval's id."""
    command = say(equipped, text, conversation).get("command") or {}
    assert command.get("status") == "pending_approval", command
    return str(command["approval_id"])


def status(equipped: Equipped, approval: str) -> str:
    found = equipped.server.request("GET", f"/v1/approvals/{approval}").json()
    return str(found["status"])


@pytest.mark.parametrize(("text", "word", "done"), LANGUAGES)
def test_what_waits_is_shown_and_then_done(
    equipped: Equipped, text: str, word: str, done: str
) -> None:
    name = f"decided-{uuid.uuid4()}"
    approval = ask(equipped, name, text)
    first = say(equipped, word, name)["content"]
    if not first.startswith(done):  # not all of it was in the question
        assert "```" in first
        assert "Ada" in first
        assert status(equipped, approval) == "pending"
        first = say(equipped, word, name)["content"]
    assert first.startswith(done)
    assert status(equipped, approval) == "executed"
    assert len(equipped.radicale.objects(CALENDAR)) == 1
    assert "executed" not in say(equipped, word, name)["content"]
    assert len(equipped.radicale.objects(CALENDAR)) == 1


@pytest.mark.parametrize("word", ["Yes.", "Approve?", "Approve the budget of my uncle", "Sure"])
def test_other_words_approve_nothing(equipped: Equipped, word: str) -> None:
    name = f"other-{uuid.uuid4()}"
    approval = ask(equipped, name)
    for _ in range(2):
        equipped.server.chat(word, conversation_id=name, max_tokens=2)
    assert status(equipped, approval) == "pending"


def test_only_the_last_answer_counts(equipped: Equipped) -> None:
    name = f"last-{uuid.uuid4()}"
    approval = ask(equipped, name)
    shown = say(equipped, "Yes, approve", name)["content"]
    assert "```" in shown
    say(equipped, "What is 3 times 4?", name)
    again = say(equipped, "Yes, approve", name)["content"]
    assert again == shown
    assert status(equipped, approval) == "pending"


def test_of_several_none_is_meant(equipped: Equipped) -> None:
    name = f"several-{uuid.uuid4()}"
    both = [
        ask(equipped, name),
        ask(equipped, name, "Create a meeting with Bob tomorrow from 5 to 6 pm"),
    ]
    for _ in range(2):
        assert "Several things wait" in say(equipped, "Yes, approve", name)["content"]
    assert {status(equipped, each) for each in both} == {"pending"}


def test_another_conversation_and_another_key_decide_nothing(equipped: Equipped) -> None:
    name = f"mine-{uuid.uuid4()}"
    approval = ask(equipped, name)
    for conversation in (f"elsewhere-{uuid.uuid4()}", name):
        for _ in range(2):
            told = say(equipped, "Yes, approve", conversation, AGENT_KEY)["content"]
            assert (
                told == "You cannot approve that from here. Whoever may, finds it under Approvals."
            )
    told = say(equipped, "Yes, approve", f"elsewhere-{uuid.uuid4()}")["content"]
    assert told == "In this conversation nothing waits for an approval."
    assert status(equipped, approval) == "pending"


@pytest.mark.parametrize("outside", [False, True])
def test_after_text_of_others_nothing_counts_as_shown(outside: bool) -> None:
    now, approval = dt.datetime.now(dt.UTC), uuid.uuid4()
    command = CreateReminder(title="the dentist", remind_at=now)
    done = Done(command=command, at=now, approval=approval, text="It waits.")
    outcomes = [StepOutcome(done=done, has_effect=True)]
    state = following(None, Plan(steps=()), outcomes, "en", asks_only=False, outside=outside)
    assert state.waiting == (approval,)
    assert state.asked == (() if outside else (approval,))
