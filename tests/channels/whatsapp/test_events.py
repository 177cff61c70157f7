"""Events that are asked for, and approved, over WhatsApp."""

from __future__ import annotations

import re

import pytest

from tests.support.equipped import CALENDAR, Equipped
from tests.support.graph_api import post, text_message, webhook

CODE = re.compile(r"^.*(approve|genehmigen) ([A-Z2-9]{6})$", re.MULTILINE)


def say(equipped: Equipped, text: str) -> str:
    """Write a message; returns what is answered."""
    before = len(equipped.graph.texts())
    assert post(equipped.server.url, webhook(text_message(text))).status_code == 200
    return equipped.graph.wait_for(before + 1)[-1]


@pytest.mark.parametrize(
    ("request_text", "done"),
    [
        ("Add the event dentist on 2030-07-01 at 3 pm to my calendar", "Done: "),
        ("Trag am 1.7.2030 um 15 Uhr den Termin Zahnarzt in meinen Kalender ein", "Erledigt: "),
    ],
)
def test_an_event_is_made_once_its_code_came(
    equipped: Equipped, request_text: str, done: str
) -> None:
    answer = say(equipped, request_text)
    found = CODE.search(answer)
    assert found, answer
    assert equipped.radicale.objects(CALENDAR) == []
    assert say(equipped, f"{found[1]} {found[2]}").startswith(done)
    (event,) = equipped.radicale.objects(CALENDAR)
    assert "DTSTART;TZID=Europe/Berlin:20300701T150000" in event
