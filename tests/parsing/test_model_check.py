"""A model is asked what somebody wants only after it has read a few sentences rightly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from pisovereign.languages import LANGUAGES
from pisovereign.models.manifest import load_manifest
from pisovereign.parsing.belief import NOTHING, bears_out
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.model_check import Ask, ModelCheck, load_check_sentences
from pisovereign.parsing.model_proposals import COMMANDS

SENTENCES = load_check_sentences()
MEANT = {sentence.text: sentence.command for sentence in SENTENCES}


def answering(answer: Callable[[str], str | None]) -> tuple[Ask, list[str]]:
    asked: list[str] = []

    async def ask(_user: UUID, text: str) -> str | None:
        asked.append(text)
        return answer(text)

    return ask, asked


async def result(check: ModelCheck, ask: Ask) -> bool:
    """Begin the test, wait until it is over, and return what came of it."""
    assert not check.passed(ask)  # not before it is known
    for _ in range(len(SENTENCES) + 5):
        await asyncio.sleep(0)
    passed = check.passed(ask)
    await asyncio.sleep(0)
    return passed


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda text: MEANT[text], True),
        (lambda text: MEANT[text] if text != SENTENCES[0].text else NOTHING, True),
        (lambda _text: NOTHING, False),
        (lambda _text: "event", False),
        (lambda text: "event" if "Tempest" in text else MEANT[text], False),
    ],
)
def test_a_model_passes_if_it_reads_commands_and_leaves_talk_alone(
    answer: Callable[[str], str], expected: bool
) -> None:
    ask, _ = answering(answer)
    check = ModelCheck(SENTENCES, ruled_out=False)
    assert asyncio.run(result(check, ask)) is expected


def test_a_model_that_the_manifest_rules_out_is_never_asked() -> None:
    ask, asked = answering(lambda text: MEANT[text])
    assert not asyncio.run(result(ModelCheck(SENTENCES, ruled_out=True), ask))
    assert not asked


def test_a_model_that_is_away_is_neither_passed_nor_given_up() -> None:
    answers: list[str | None] = [None]
    ask, asked = answering(lambda text: answers[0] and MEANT[text])
    check = ModelCheck(SENTENCES, ruled_out=False, pause_s=0.0)

    async def away_and_back() -> bool:
        assert not await result(check, ask)
        assert set(asked) == {SENTENCES[0].text}  # it was not asked for more
        answers[0] = "here"
        return await result(check, ask)

    assert asyncio.run(away_and_back())


def test_both_models_have_to_agree() -> None:
    guesses = [Guess("none", 0.7), Guess("event", 0.2), Guess("weather", 0.1)]
    assert bears_out("weather", guesses)
    assert not bears_out("event", guesses)  # more is asked of what changes something
    assert bears_out("event", [Guess("event", 0.3)])
    assert bears_out("weather", [])
    assert not bears_out("event", [])


def test_the_test_has_commands_and_talk_of_each_language() -> None:
    assert {sentence.command for sentence in SENTENCES} <= {*COMMANDS, NOTHING}
    assert sum(sentence.command == NOTHING for sentence in SENTENCES) >= 3 * len(LANGUAGES)


def test_the_smallest_model_reads_no_commands() -> None:
    assert not load_manifest().get("smollm2-135m-instruct").reads_commands
