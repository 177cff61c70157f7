"""A model may do what it did rightly in a test, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest

from pisovereign.languages import LANGUAGES
from pisovereign.model_tests.questions import (
    NOTHING,
    LanguageQuestions,
    ToolQuestion,
    load_questions,
)
from pisovereign.model_tests.self_test import GoOn, Interrupted, SelfTest
from pisovereign.model_tests.tool_test import Call, ToolTest
from pisovereign.model_tests.types import Capabilities, Score, summary
from pisovereign.parsing.intent_acceptance import bears_out
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.model_proposals import COMMANDS
from tests.model_tests.support import meant, scripted_engine

QUESTIONS = load_questions()
MEANT = {sentence.text: sentence.command for sentence in QUESTIONS.commands}
Answer = Callable[[ToolQuestion], list[Call] | None]
Read = Callable[[str], str | None]


async def _yes() -> bool:
    return True


def result_of(answer: Answer, read: Read = lambda text: MEANT[text], go_on: GoOn = _yes) -> object:
    """What the test finds of a model, or `Interrupted`."""

    async def read_command(_user: UUID, text: str) -> str | None:
        return read(text)

    async def run() -> object:
        async with scripted_engine(answer) as engine:
            test = SelfTest(ToolTest(engine, QUESTIONS), read_command, QUESTIONS)
            try:
                return await test.run("a-model", go_on)
            except Interrupted:
                return Interrupted

    return asyncio.run(run())


def test_a_model_that_does_what_is_meant_may_call_tools_in_every_language() -> None:
    result = result_of(meant)
    assert isinstance(result, Capabilities)
    assert result.tested
    assert result.calls_tools
    assert result.languages == LANGUAGES
    assert result.reads_commands
    assert result.scores == dict.fromkeys(LANGUAGES, Score(10, 10, passed=True))
    assert "calls tools in en (10 of 10)" in summary(result)


def test_a_model_that_only_knows_one_language_calls_tools_in_that_one() -> None:
    english = QUESTIONS.calls["en"]
    result = result_of(lambda question: meant(question) if question in english else [])
    assert isinstance(result, Capabilities)
    assert result.languages == ("en",)
    assert result.calls_tools_in("en")
    assert not result.calls_tools_in("de")
    assert "not in " in summary(result)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _question: [],  # it only talks
        lambda _question: [Call("send_mail", {"to": "anna@example.org", "text": "late"})],
        lambda question: [*meant(question), *meant(question)],  # everything twice
        lambda question: [Call(call.name, {}) for call in meant(question)],
        lambda question: [Call(call.name, None) for call in meant(question)],
    ],
    ids=["talks", "always the same", "twice", "without arguments", "broken arguments"],
)
def test_a_model_that_calls_wrongly_may_not_call(answer: Answer) -> None:
    result = result_of(answer)
    assert isinstance(result, Capabilities)
    assert result.tested
    assert not result.calls_tools
    assert result.languages == ()


@pytest.mark.parametrize(("wrong", "expected"), [(2, Score(8, 10, True)), (3, Score(0, 3, False))])
def test_a_language_ends_with_the_third_wrong_answer(wrong: int, expected: Score) -> None:
    left = dict.fromkeys(LANGUAGES, wrong)

    def answer(question: ToolQuestion) -> list[Call]:
        language = next(name for name in LANGUAGES if question in QUESTIONS.calls[name])
        left[language] -= 1
        return [Call("no such tool", {})] if left[language] >= 0 else meant(question)

    result = result_of(answer)
    assert isinstance(result, Capabilities)
    assert result.scores == dict.fromkeys(LANGUAGES, expected)


def test_one_effect_that_nobody_asked_for_is_too_much() -> None:
    talk = next(question for question in QUESTIONS.calls["de"] if question.tool is None)
    reckless = [Call("send_mail", {"to": "boss@example.org", "text": "hello"})]
    careless = [Call("current_weather", {"place": "Berlin"})]
    acted = result_of(lambda question: reckless if question == talk else meant(question))
    looked = result_of(lambda question: careless if question == talk else meant(question))
    assert isinstance(acted, Capabilities)
    assert isinstance(looked, Capabilities)
    assert acted.scores["de"] == Score(9, 10, passed=False)
    assert looked.scores["de"] == Score(9, 10, passed=True)
    assert "de" not in acted.languages


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda text: MEANT[text], True),
        (lambda text: MEANT[text] if text != QUESTIONS.commands[0].text else NOTHING, True),
        (lambda _text: NOTHING, False),
        (lambda _text: "event", False),
        (lambda text: "event" if "Tempest" in text else MEANT[text], False),
    ],
)
def test_a_model_reads_commands_if_it_also_leaves_talk_alone(read: Read, expected: bool) -> None:
    result = result_of(meant, read)
    assert isinstance(result, Capabilities)
    assert result.reads_commands is expected


def test_a_model_that_is_away_has_neither_passed_nor_failed() -> None:
    assert result_of(lambda _question: None) is Interrupted
    assert result_of(meant, lambda _text: None) is Interrupted


def test_a_test_that_is_no_longer_wanted_ends_before_the_next_question() -> None:
    asked: list[ToolQuestion] = []

    async def go_on() -> bool:
        return len(asked) < 2

    def answer(question: ToolQuestion) -> list[Call]:
        asked.append(question)
        return meant(question)

    assert result_of(answer, go_on=go_on) is Interrupted
    assert len(asked) == 2


def test_the_test_has_ten_questions_of_each_kind_in_every_language() -> None:
    tools = {tool.name: tool for tool in QUESTIONS.tools}
    for language in LANGUAGES:
        asked = QUESTIONS.calls[language]
        assert len(asked) == 10
        assert {question.tool for question in asked} == {None, *tools}
        assert sum(question.tool is None for question in asked) >= 3
        for question in asked:
            if question.tool is not None:
                properties = tools[question.tool].parameters["properties"]
                assert question.arguments.keys() == properties.keys()
    assert {sentence.command for sentence in QUESTIONS.commands} <= {*COMMANDS, NOTHING}
    talk = sum(sentence.command == NOTHING for sentence in QUESTIONS.commands)
    assert talk >= 3 * len(LANGUAGES)


def test_another_test_has_another_fingerprint() -> None:
    changed = msgspec.structs.replace(QUESTIONS, system_prompt="Hello")
    assert changed.fingerprint != QUESTIONS.fingerprint
    assert load_questions().fingerprint == QUESTIONS.fingerprint


def test_data_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="tols"):
        msgspec.convert({"commands": {}, "calls": [{"text": "x", "tols": "y"}]}, LanguageQuestions)


def test_both_models_have_to_agree() -> None:
    guesses = [Guess("none", 0.7), Guess("event", 0.2), Guess("weather", 0.1)]
    assert bears_out("weather", guesses)
    assert not bears_out("event", guesses)  # more is asked of what changes something
    assert bears_out("event", [Guess("event", 0.3)])
    assert bears_out("weather", [])
    assert not bears_out("event", [])
