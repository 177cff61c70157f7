"""Sub-tasks that the model answers in words, through the running program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.support import begin, wait_for
from tests.connectors.email.dovecot import USER
from tests.memory.support import forget_all, remember
from tests.support.equipped import Equipped

QUESTION = "Should I take the bike in Berlin?"
NOTE = f"From: Zoe <zoe@example.org>\r\nTo: {USER}\r\nSubject: Flat tire\r\n\r\nYour bike\r\n"


def done(equipped: Equipped, description: str) -> dict[str, Any]:
    return wait_for(equipped.server, begin(equipped.server, description))


@pytest.mark.parametrize(
    ("tool", "arguments", "said", "found"),
    [
        ("weather", {"location": "Berlin"}, "Yes, at 15°C.", "Berlin: 15°C"),
        ("calendar", {"days": 2}, "Yes, you have time.", "Your calendar has nothing"),
        ("emails", {"count": 1}, "It has a flat tire.", "Flat tire"),
        ("memory", {"query": "my bike"}, "It is blue.", "My bike is blue"),
        ("reminders", {}, "Yes, see for yourself.", "reminder"),
        ("briefing", {}, "Yes, at 15°C.", "15°C"),
    ],
)
def test_the_model_looks_something_up_before_it_answers(
    equipped: Equipped, tool: str, arguments: dict[str, Any], said: str, found: str
) -> None:
    forget_all(equipped.server)
    remember(equipped.server, "My bike is blue")
    equipped.dovecot.put(NOTE.encode())
    equipped.model.script["answer"] = [
        {"action": tool, "arguments": arguments},
        {"action": "answer", "text": said},
    ]
    task = done(equipped, QUESTION)
    assert task["status"] == "completed"
    assert task["result"].startswith(f"{said}\n")
    assert found in task["result"]
    first, second = equipped.model.asked["answer"]
    assert first[-1]["content"] == "Should I take the bike in Berlin"
    assert second[-1]["content"].startswith("<results>")


def test_what_comes_before_is_told_to_the_model(equipped: Equipped) -> None:
    equipped.model.script["answer"] = [{"action": "answer", "text": "Yes, at 15°C."}]
    task = done(equipped, "Check the weather in Berlin, then say with the result if I need a coat")
    (asked,) = equipped.model.asked["answer"]
    assert "Berlin: 15°C, partly cloudy" in asked[-1]["content"]
    assert "Yes, at 15°C." in task["result"]
