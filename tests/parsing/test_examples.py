"""Examples that the intent model is trained with are kept apart from what is measured."""

from __future__ import annotations

from bench.parse.cases import load
from pisovereign.parsing.intent_weights import load_weights
from tools.train_intents.sources import NOTHING, examples

SETS = ("tuning", "held_out", "free")


def plain(text: str) -> str:
    return text.casefold().strip(" ?!.")


def test_no_example_is_among_the_labeled_utterances() -> None:
    measured = {plain(case.words) for name in SETS for case in load(name)}
    assert not [e.text for e in examples() if plain(e.text) in measured]


def test_no_example_means_two_things_or_is_there_twice() -> None:
    texts = [(e.source, plain(e.text)) for e in examples()]
    assert sorted(text for text in texts if texts.count(text) > 1) == []


def test_the_model_was_trained_with_each_intent_that_there_are_examples_of() -> None:
    assert {example.intent for example in examples()} == set(load_weights().intents)
    assert NOTHING in load_weights().intents
