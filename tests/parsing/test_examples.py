"""Examples that the intent model is trained with are kept apart from what is measured."""

from __future__ import annotations

from bench.parse.cases import load
from pisovereign.actions.registry import COMMANDS, INTENTS
from pisovereign.parsing.intent_weights import load_weights
from tests.parsing.support import command
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


def test_no_example_calls_unsupported_what_an_action_does() -> None:
    """What a form reads is done; what needs a house is unsupported only while there is none."""
    known = {"unsupported." + what for spec in COMMANDS if spec.needs for what in spec.serves}
    said = [e for e in examples() if e.intent.startswith("unsupported.") and e.intent not in known]
    read = [(e.text, command(e.text)) for e in said]
    assert [(text, found) for text, found in read if found is not None] == []


def test_what_an_action_serves_is_called_unsupported_somewhere() -> None:
    named = {example.intent for example in examples()}
    assert {f"unsupported.{what}" for spec in COMMANDS for what in spec.serves} <= named


def test_every_intent_with_examples_belongs_to_an_action_or_to_none() -> None:
    """An example of an intent that no action declares would never be carried out."""
    free = {e.intent for e in examples() if not e.intent.startswith(("unsupported.", "run."))}
    assert free - {NOTHING} <= INTENTS.keys()


def test_the_model_was_trained_with_each_intent_that_there_are_examples_of() -> None:
    assert {example.intent for example in examples()} == set(load_weights().intents)
    assert NOTHING in load_weights().intents
