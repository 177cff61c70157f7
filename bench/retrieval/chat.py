"""Which memories a chat message is sent with: how many of the right ones, and of the wrong ones.

    python -m bench.retrieval.chat

Two sets: `topics` is this folder's, `facts` that of `bench.retrieval_data`. Each question has one
memory that answers it; the messages of `unrelated.toml` have none. Every rule chooses at most five
among the best fifteen, as the program does.

`told`: the share of questions that the answer was told with. `for nothing`: the share of unrelated
messages that anything was told with. Youden's J is what is left of the answers among the best
fifteen, less what was told for nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tomllib
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from bench import retrieval_data
from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from bench.retrieval import dataset
from bench.retrieval.local_index import MODELS, LocalIndex, encode_all, of_text
from pisovereign.config import MemoryConfig
from pisovereign.memory.fit import FitRule, SharedWords
from pisovereign.search_index.index_types import Candidate
from pisovereign.search_index.terms import Stemmer

LIMIT, LOOKED_AT = 5, 15
STEMMER = Stemmer()
SETS, LANGUAGES = ("topics", "facts"), ("en", "de")
ACROSS = "across"
# Only topics are asked in the other language.
COLUMNS = (("topics", "en"), ("topics", "de"), ("topics", ACROSS), ("facts", "en"), ("facts", "de"))
COSINES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)

Rule = Callable[[str, str, Candidate], bool]


class LabeledMessage(NamedTuple):
    """A message, and the number of the memory that answers it; None: none does."""

    text: str
    language: str
    answer: int | None


class Set(NamedTuple):
    """Memories, and messages about them or about nothing in them."""

    memories: list[str]
    messages: list[LabeledMessage]


class Ranked(NamedTuple):
    """A message with the best memories: number, text and cosines, the best first."""

    message: LabeledMessage
    best: list[tuple[int, str, Candidate]]


class Score(msgspec.Struct, frozen=True):
    """What one rule does in one language of one set; `wrong` is a mean number of memories."""

    told: float
    wrong: float
    for_nothing: float
    youden: float


class Result(msgspec.Struct, frozen=True):
    """Scores by rule, and by set and language."""

    environment: Environment
    messages: dict[str, int]
    scores: dict[str, dict[str, Score]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure which memories chat is told.")
    add_output(parser)
    args = parser.parse_args(argv)
    environment, sets = describe(), {"topics": _topics(), "facts": _facts()}
    with running() as server:
        socket = str(server.data_dir / "run" / "engine.sock")
        ranked = {name: asyncio.run(_ranked(socket, of)) for name, of in sets.items()}
    rules: dict[str, Rule | None] = {
        "the best five": None,
        **{
            f"{model.id} >= {least:.2f}": _by_cosine(model.id, least)
            for model in MODELS
            for least in COSINES
        },
        **{f"words >= {least}": _by_words(least) for least in (1, 2, 3)},
        "the program's": _own_rule(),
    }
    scores = {
        name: {f"{which}, {language}": _score(ranked[which], language, rule)
               for which, language in COLUMNS}
        for name, rule in rules.items()
    }  # fmt: skip
    counts = {
        f"{which}, {language}": sum(
            message.language == language for message in sets[which].messages
        )
        for which, language in COLUMNS
    }
    result = Result(environment, counts, scores)
    publish(result, _table(result), args.output)
    return 0


def _topics() -> Set:
    data = dataset.load()
    messages = [
        LabeledMessage(q.text, ACROSS if q.crossed else q.language, q.answer)
        for q in data.questions
    ]
    return Set(data.memories, messages + _unrelated())


def _facts() -> Set:
    texts, questions = retrieval_data.load()
    languages = {"English": "en", "German": "de"}
    messages = [LabeledMessage(q.text, languages[q.language], q.answer) for q in questions]
    return Set(texts, messages + _unrelated())


def _unrelated() -> list[LabeledMessage]:
    tables = tomllib.loads((dataset.FOLDER / "unrelated.toml").read_text(encoding="utf-8"))
    return [
        LabeledMessage(text, counted_as, None)
        for language in LANGUAGES
        for text in tables[language]
        for counted_as in (language, ACROSS)
    ]


async def _ranked(socket: str, of: Set) -> list[Ranked]:
    """Return what the program's own index finds for each message."""
    vectors = await encode_all(socket, [*of.memories, *(message.text for message in of.messages)])
    index = LocalIndex(of.memories, vectors)
    return [
        Ranked(message, list(_best(index, of.memories, message.text, of_text(vectors, place))))
        for place, message in enumerate(of.messages, len(of.memories))
    ]


def _best(
    index: LocalIndex, memories: Sequence[str], text: str, vectors: dict[str, array[float]]
) -> Iterator[tuple[int, str, Candidate]]:
    for candidate in index.rank(text, vectors, LOOKED_AT):
        number = candidate.id.int
        yield number, memories[number], candidate


def _by_cosine(model: str, least: float) -> Rule:
    return lambda message, memory, found: found.cosines.get(model, 0.0) >= least


def _by_words(least: int) -> Rule:
    return lambda message, memory, _: SharedWords(message, STEMMER).count(memory) >= least


def _own_rule() -> Rule:
    threshold = MemoryConfig().chat_threshold

    def rule(message: str, memory: str, found: Candidate) -> bool:
        return FitRule(message, threshold, STEMMER).accepts(memory, found.cosines)

    return rule


def _score(ranked: Sequence[Ranked], language: str, rule: Rule | None) -> Score:
    told, reachable, wrong, nothing = [], [], [], []
    for message, best in ranked:
        if message.language != language:
            continue
        fitting = [row for row in best if rule is None or rule(message.text, row[1], row[2])]
        numbers = [row[0] for row in fitting[:LIMIT]]
        if message.answer is None:
            nothing.append(bool(numbers))
            continue
        told.append(message.answer in numbers)
        reachable.append(message.answer in [row[0] for row in best])
        wrong.append(len(numbers) - told[-1])
    share = sum(told) / len(told)
    for_nothing = sum(nothing) / len(nothing)
    return Score(
        told=round(share, 3),
        wrong=round(sum(wrong) / len(wrong), 2),
        for_nothing=round(for_nothing, 3),
        youden=round(sum(told) / sum(reachable) - for_nothing, 3),
    )


def _table(result: Result) -> str:
    """For each set and language: told / for nothing / J."""
    columns = list(result.messages)
    rows = [
        [rule, *(f"{s.told:.2f} / {s.for_nothing:.2f} / {s.youden:.2f}"
                 for s in (scores[column] for column in columns))]
        for rule, scores in result.scores.items()
    ]  # fmt: skip
    return table(["told / for nothing / J", *columns], rows)


if __name__ == "__main__":
    sys.exit(main())
