"""The files of actions are put together, each entry from one of them."""

from __future__ import annotations

import pytest

from pisovereign.languages import LANGUAGES, Language, data_names
from pisovereign.languages.actions import load_actions, load_examples, merged
from pisovereign.languages.messages import load_messages


def test_what_is_merged_keeps_its_order() -> None:
    assert list(merged(({"b": 1}, {"c": 2, "a": 3}, {}))) == ["b", "c", "a"]


def test_an_entry_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a, b: is there twice"):
        merged(({"a": 1, "b": 2, "c": 3}, {"b": 2, "a": 1}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_actions_say_is_said_with_what_all_of_them_say(language: Language) -> None:
    texts, actions = load_messages(language, "actions").texts, load_actions(language)
    assert {"more", "moment"} <= texts.keys()
    assert all(words.messages.items() <= texts.items() for words in actions.values())
    assert not load_messages(language, "chat").texts.keys() & actions["help"].messages.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_are_those_of_actions_and_of_what_is_none(language: Language) -> None:
    examples = load_examples(language)
    assert {"none", "run.memory", "unsupported.taxi", "alarm"} <= examples.keys()
    assert examples["alarm"] == load_actions(language)["set_alarm"].examples["alarm"]


def test_files_of_actions_are_among_those_of_a_language() -> None:
    assert {"forms", "actions/help"} <= set(data_names("en"))
    assert "actions" not in data_names("en")
