"""What is said where something cannot be done."""

from __future__ import annotations

import pytest

from pisovereign.chat.corrections import cannot
from pisovereign.languages import LANGUAGES
from pisovereign.languages.messages import load_messages
from pisovereign.parsing.intent_weights import load_weights

PREFIX = "unsupported."


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_recognized_as_unsupported_has_words_of_its_own(language: str) -> None:
    intents = set(load_weights().intents)
    named = {name.removeprefix(PREFIX) for name in intents if name.startswith(PREFIX)}
    assert named
    assert named <= set(load_messages(language, "unsupported").texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_cannot_be_done_either(language: str) -> None:
    assert cannot("teleport", language) == load_messages(language, "unsupported").say("other")
