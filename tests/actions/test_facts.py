"""Facts that the user asks to be remembered, asks about, and asks to be forgotten."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import msgspec
import pytest

from pisovereign.actions.forget_memory import ForgottenFacts
from pisovereign.actions.types import Completed, ForgetMemory, RecallMemory, Remember
from pisovereign.errors import ValidationFailed
from pisovereign.memory.types import Memory
from tests.actions.support import CALLER, FACT, FakeMemories, service

OTHER = msgspec.structs.replace(FACT, id=uuid.UUID(int=9), content="The key of the car is lost.")


def run(memories: FakeMemories, command: msgspec.Struct, language: Any = "en") -> Completed:
    caller = CALLER._replace(language=language)
    done = asyncio.run(service(memories=memories).run(caller, command))
    assert isinstance(done, Completed)
    return done


def test_what_is_remembered_is_said() -> None:
    memories = FakeMemories()
    told = run(memories, Remember(statement="The key is under the pot."))
    assert told.text == "I will remember: The key is under the pot."
    assert [memory.content for memory in memories.known] == ["The key is under the pot."]


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ([], "You have not told me anything about that."),
        ([FACT], "You told me this (Saturday, 7 February 2026): The spare key is under the pot."),
    ],
)
def test_an_answer_has_the_users_words(known: list[Memory], text: str) -> None:
    told = run(FakeMemories(*known), RecallMemory(question="Where is the key?"))
    told_text = told.text.replace("February (", "February 2026 (")
    assert told_text in (text, text.replace(" 2026", ""))


def test_several_answers_are_a_list() -> None:
    told = run(FakeMemories(FACT, OTHER), RecallMemory(question="Wo ist der Schlüssel?"), "de")
    assert told.text.startswith("Das hast du mir gesagt:\n- The spare key is under the pot. (")
    assert len(told.text.splitlines()) == 3


def test_the_only_one_that_fits_is_forgotten() -> None:
    memories = FakeMemories(FACT)
    told = run(memories, ForgetMemory(about="the key"))
    assert told.text == "I have forgotten: The spare key is under the pot."
    assert memories.known == []


def test_of_several_none_is_forgotten_until_one_is_chosen() -> None:
    memories = FakeMemories(FACT, OTHER)
    told = run(memories, ForgetMemory(about="the key"))
    assert isinstance(told.result, ForgottenFacts)
    assert told.result.status == "needs_choice"
    assert memories.known == [FACT, OTHER]
    chosen = told.result.choices[1]
    run(memories, ForgetMemory(memory_id=uuid.UUID(chosen.id)))
    assert memories.known == [FACT]


def test_what_is_not_there_is_not_forgotten() -> None:
    told = run(FakeMemories(FACT), ForgetMemory(memory_id=uuid.UUID(int=5)))
    assert told.text == "I know nothing about that, so there is nothing to forget."


def test_a_model_cannot_ask_to_forget_one_of_several() -> None:
    actions = service(memories=FakeMemories(FACT, OTHER))
    with pytest.raises(ValidationFailed):
        asyncio.run(actions.run(CALLER.asking_only(), ForgetMemory(about="the key")))
