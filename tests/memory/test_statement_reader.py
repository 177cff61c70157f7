"""What is learned by form and by meaning."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from typing import cast

import pytest

from pisovereign.engine_client.encoder import Encoder
from pisovereign.languages import LANGUAGES, load_data
from pisovereign.memory.statement_head import StatementHead, load_head
from pisovereign.memory.statement_reader import StatementReader
from pisovereign.memory.statements import LEAST_WORDS, MOST_STATEMENTS, candidates

# One number: what a sentence means. Without a form 1.0 is just enough, and with one 0.0.
HEAD = StatementHead(weights=[2.0], form=2.0, bias=-1.2)


class Meaning:
    """In place of the encoder: says of each sentence how lasting it is."""

    def __init__(self, **lasting: float) -> None:
        self._lasting = lasting
        self.read: list[str] = []

    async def encode(self, texts: Sequence[str], limit_s: float = 30.0) -> list[array[float]]:
        self.read += texts
        return [array("f", [self._lasting[text.split()[-1]]]) for text in texts]


def learned(message: str, **lasting: float) -> list[str]:
    reader = StatementReader(cast("Encoder", Meaning(**lasting)), HEAD)
    return [statement.content for statement in asyncio.run(reader.read(message))]


def test_meaning_finds_what_has_no_form() -> None:
    assert learned("We keep hens behind the house.", house=1.0) == [
        "We keep hens behind the house."
    ]
    assert learned("We saw hens behind the house.", house=0.5) == []


def test_meaning_overrules_a_form() -> None:
    assert learned("I live for jokes like that.", that=-0.5) == []
    assert learned("I live in Graz.", Graz=0.0) == ["I live in Graz."]


def test_the_world_needs_more_than_what_is_ones_own() -> None:
    assert learned("Whales live in the sea.", sea=1.0) == []
    assert learned("The key is in the shed.", shed=1.3) == ["The key is in the shed."]


def test_what_is_asked_for_is_kept_whatever_it_means() -> None:
    assert learned("Remember that the code is 4711.", **{"4711": -9.0}) == ["The code is 4711."]


@pytest.mark.parametrize(
    "message",
    [
        "Do we keep hens behind the house?",
        "Maybe we keep hens behind the house.",
        'She wrote "we keep hens" behind the house.',
        "Translate this: We keep hens behind the house.",
        "Our key is sk-proj-a1b2c3d4e5f6g7h8i9 behind the house.",
        "Our card is 4111 1111 1111 1111 house.",
    ],
)
def test_what_the_guards_leave_out_is_not_even_read(message: str) -> None:
    meaning = Meaning(house=9.0)
    reader = StatementReader(cast("Encoder", meaning), HEAD)
    assert asyncio.run(reader.read(message)) == []
    assert meaning.read == []


def test_without_the_model_forms_decide() -> None:
    reader = StatementReader(None, HEAD)
    found = asyncio.run(reader.read("I live in Graz. We keep hens behind the house."))
    assert [statement.content for statement in found] == ["I live in Graz."]


def test_not_too_much_at_once() -> None:
    message = " ".join(f"We keep {number} hens behind the house." for number in range(20))
    assert len(learned(message, house=2.0)) == MOST_STATEMENTS


def test_the_weights_are_for_the_vectors() -> None:
    head = load_head()
    assert len(head.weights) == 512
    nothing = [0.0] * 512
    assert head.probability(nothing, has_form=True) > head.probability(nothing, has_form=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_are_sentences_that_can_be_learned(language: str) -> None:
    examples = load_data(language, "statement_examples")
    assert examples.keys() == {"keep", "leave"}
    for line in examples["keep"].splitlines():
        assert len(line.split()) >= LEAST_WORDS, line
        assert len(candidates(line)) == 1, line
