"""Examples for questions in free words are kept apart from what is measured."""

from __future__ import annotations

from bench.parse.cases import CATALOG, NOW, ZONE, load
from pisovereign.parsing.open_questions import NOTHING, load_examples
from pisovereign.parsing.parser import Parser

SETS = ("tuning", "held_out", "free")


def plain(text: str) -> str:
    return text.casefold().strip(" ?!.")


def test_no_example_is_among_the_labeled_utterances() -> None:
    measured = {plain(case.words) for name in SETS for case in load(name)}
    assert not [e.text for e in load_examples() if plain(e.text) in measured]


def test_each_example_stands_for_a_command_that_only_reads() -> None:
    question = Parser().question("what is this?", NOW, ZONE)
    assert question is None  # a question about a word
    question = Parser().question("how full is it?", NOW, ZONE)
    assert question is not None
    catalog = {entry.id: entry for entry in CATALOG}
    for name in {example.name for example in load_examples()} - {NOTHING}:
        assert question.command(name, catalog) is not None, name


def test_no_example_means_two_things_or_is_there_twice() -> None:
    texts = [(e.language, plain(e.text)) for e in load_examples()]
    assert len(texts) == len(set(texts))
