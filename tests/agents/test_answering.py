"""What a sub-task in words says when the model looked something up."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, cast

import pytest

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.agents.answering import Answerer, Finding, Question
from pisovereign.agents.quota import Budget, EngineQuota
from pisovereign.agents.tools import Tools
from pisovereign.api_keys import Identity

CALLER = Caller(Identity(uuid.uuid4(), frozenset(("user",)), "test"), "en")
EVENTS = "Tomorrow: 14:30 Quarterly review"
NOTHING = "There are no events tomorrow."


class Model:
    """Looks into the calendar, and then says something."""

    def __init__(self, said: str) -> None:
        self._said = [{"action": "calendar", "arguments": {}}, {"action": "answer", "text": said}]

    async def ask(self, *_: Any, **__: Any) -> Any:
        return self._said.pop(0)


class Calendar:
    """The only tool."""

    def __init__(self, found: str) -> None:
        self._found = found

    def reading(self) -> list[Any]:
        return [registry.find("calendar")]

    async def read(self, *_: Any) -> str:
        return self._found


def answer(said: str, found: str, *known: Finding) -> str:
    answerer = Answerer(cast("EngineQuota", Model(said)), cast("Tools", Calendar(found)))
    question = Question("Is there something in my calendar tomorrow?", known)
    return asyncio.run(answerer.answer(CALLER, question, Budget(1000)))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Yes, there is something in your calendar tomorrow.", NOTHING),
        ("Yes, there is one.", EVENTS),
        ("At 14:30.", EVENTS),
    ],
)
def test_what_was_looked_up_stands_beneath_the_words(said: str, found: str) -> None:
    assert answer(said, found) == f"{said}\n\nCalendar:\n{found}"


@pytest.mark.parametrize("said", ["No, nothing.", "Yes, at 15:30.", "Yes, Bowling."])
def test_words_that_differ_are_left_out(said: str) -> None:
    assert answer(said, EVENTS) == EVENTS


def test_what_other_parts_found_is_not_said_again() -> None:
    known = Finding("Check the weather", "15°C in Berlin")
    assert answer("Yes, at 14:30.", EVENTS, known) == f"Yes, at 14:30.\n\nCalendar:\n{EVENTS}"


def test_words_that_hold_it_all_are_enough() -> None:
    said = f"{EVENTS}."
    assert answer(said, EVENTS) == said


def test_a_memory_that_is_not_there_is_no_finding() -> None:
    said = "Spring rain on the roof."
    assert answer(said, "I remember nothing about it.") == said
