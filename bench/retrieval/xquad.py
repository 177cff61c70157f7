"""Questions that nobody here wrote: XQuAD's, about its paragraphs in two languages.

The file is read from where it lies, and never shipped: one JSON object a line, with a paragraph as
"de" and "en", and "questions", each in both languages. Each language is a store of its own, which
is asked in both. nDCG@10 of the paragraph that a question was asked about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from bench.program import running
from bench.report import table
from bench.retrieval.local_index import (
    MODELS,
    LocalIndex,
    Vectors,
    encode_all,
    of_text,
)
from bench.retrieval.measure import ndcg
from tests.support.server import ALICE_KEY, BOB_KEY, Server

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
LIMIT = 10
SUMMARY_CHARACTERS = 100

Ranker = Callable[[int], Sequence[int]]
"""From the place of a question to the places of the paragraphs that it finds, best first."""


class _Question(msgspec.Struct, frozen=True):
    de: str
    en: str


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph in both languages, and the questions about it."""

    de: str
    en: str
    questions: list[_Question]


class Texts(msgspec.Struct, frozen=True):
    """Paragraphs and questions by language, and which paragraph answers each question."""

    paragraphs: dict[str, list[str]]
    questions: dict[str, list[str]]
    answers: list[int]


def load(path: Path) -> Texts:
    """Read the file."""
    lines = path.read_bytes().splitlines()
    rows = [msgspec.json.decode(line, type=Paragraph) for line in lines]
    return Texts(
        {code: [getattr(row, code) for row in rows] for code in LANGUAGES},
        {code: [getattr(q, code) for row in rows for q in row.questions] for code in LANGUAGES},
        [place for place, row in enumerate(rows) for _ in row.questions],
    )


def measure(path: Path, *, through_api: bool) -> dict[str, dict[str, float]]:
    """Return nDCG@10 by way of searching, and by languages of question and paragraph."""
    texts, found = load(path), dict[str, dict[str, float]]()
    with running(PISOVEREIGN_MEMORY__MERGE_THRESHOLD="1") as server:
        for told in LANGUAGES:
            rankers = _by_index(server, texts, told)
            if through_api:
                rankers |= _by_route(server, texts, told)
            for (way, asked), ranker in rankers.items():
                gains = [ndcg(ranker(at), answer) for at, answer in enumerate(texts.answers)]
                score = round(sum(gains) / len(gains), 4)
                found.setdefault(way, {})[f"{asked} to {told}"] = score
    return found


def _by_index(server: Server, texts: Texts, told: Language) -> dict[tuple[str, Language], Ranker]:
    """Rank by the program's own index: words alone, each model with words, and everything."""
    paragraphs, questions = texts.paragraphs[told], texts.questions
    both = [*questions["de"], *questions["en"]]
    socket = str(server.data_dir / "run" / "engine.sock")
    vectors = asyncio.run(encode_all(socket, [*paragraphs, *both]))
    models = {"words": [], **{m.id: [m.id] for m in MODELS}, "all": [m.id for m in MODELS]}
    rankers: dict[tuple[str, Language], Ranker] = {}
    for way, chosen in models.items():
        some: Vectors = {model: vectors[model] for model in chosen}
        index = LocalIndex(paragraphs, some)
        for number, asked in enumerate(LANGUAGES):
            first = len(paragraphs) + number * len(questions[asked])

            def rank(
                at: int,
                index: LocalIndex = index,
                some: Vectors = some,
                first: int = first,
                asked: Language = asked,
            ) -> list[int]:
                question = questions[asked][at]
                found = index.rank(question, of_text(some, first + at), LIMIT)
                return [candidate.id.int for candidate in found]

            rankers[way, asked] = rank
    return rankers


def _by_route(server: Server, texts: Texts, told: Language) -> dict[tuple[str, Language], Ranker]:
    """Rank as a client sees it; each language has a user of its own."""
    key = ALICE_KEY if told == "de" else BOB_KEY
    places = {}
    for place, text in enumerate(texts.paragraphs[told]):
        body = {"content": text, "summary": text[:SUMMARY_CHARACTERS]}
        stored = server.request("POST", "/v1/memories", key=key, json=body)
        places[stored.json()["id"]] = place

    def ranker(asked: Language) -> Ranker:
        def rank(at: int) -> list[int]:
            query = {"q": texts.questions[asked][at], "limit": LIMIT}
            found = server.request("GET", "/v1/memories/search", key=key, params=query).json()
            return [places[row["id"]] for row in found]

        return rank

    return {("search route", asked): ranker(asked) for asked in LANGUAGES}


def report(found: dict[str, dict[str, float]]) -> str:
    """Return the result as a table."""
    pairs = sorted({pair for scores in found.values() for pair in scores})
    rows: list[list[object]] = [
        [way, *(f"{scores[pair]:.3f}" for pair in pairs)] for way, scores in found.items()
    ]
    return table(["nDCG@10", *pairs], rows)
