"""Nothing is learned of what others wrote, by forms alone; with meaning it is less."""

from __future__ import annotations

import pytest

from bench.pasted import Message, load
from pisovereign.languages.pasted_text import own_text
from pisovereign.memory.statements import first_person_sentences, statements

MESSAGES = load()
# What somebody says of a text that stands beside it.
OWN = ("Look what my landlord sent me.", "Schau mal, was mir mein Vermieter geschrieben hat.")


@pytest.mark.parametrize("message", MESSAGES.pasted, ids=lambda one: f"{one.language}-{one.kind}")
def test_of_a_paste_only_ones_own_words_are_learned(message: Message) -> None:
    assert [one.content for one in statements(message.text)] == message.own
    if not message.own:  # nor is a model asked whether to learn any of it
        said = [one for one in first_person_sentences(message.text) if one not in OWN]
        assert said == []


@pytest.mark.parametrize("message", MESSAGES.own, ids=lambda one: one.language)
def test_of_people_themselves_nothing_is_left_out(message: Message) -> None:
    assert own_text(message.text) == message.text
