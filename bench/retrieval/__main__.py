"""How well memories are found: nDCG@10 on the labeled set, in the running program.

    python -m bench.retrieval
    python -m bench.retrieval --facts
    python -m bench.retrieval --xquad FILE --api

`pgvector alone` is what a store of vectors without more does. For `search route` the importance and
the age of every memory are drawn at random: they say nothing about which memory answers, so this
shows what their bands cost.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from bench.retrieval import xquad
from bench.retrieval.dataset import Dataset, load, load_facts
from bench.retrieval.local_index import LocalIndex, Vectors, encode_all, of_text
from bench.retrieval.measure import by_group, groups
from pisovereign.search_index.vectors import as_halfvec
from tests.support.server import ALICE, Server

MODEL = "all-minilm-l6-v2"
LIMIT = 10
NEAREST = """
SELECT memory_id FROM memory_embeddings WHERE user_id = %s AND model = %s
ORDER BY embedding <=> %s::halfvec LIMIT 10
"""
AGE = """
UPDATE memories SET updated_at = now() - make_interval(days => %s) WHERE id = %s
"""


class Result(msgspec.Struct, frozen=True):
    """nDCG@10 of each way of searching, of all questions and of each group; and group sizes."""

    environment: Environment
    memories: int
    questions: dict[str, int]
    ndcg: dict[str, dict[str, float]]


class XquadResult(msgspec.Struct, frozen=True):
    """nDCG@10 of each way of searching, by languages of question and paragraph."""

    environment: Environment
    ndcg: dict[str, dict[str, float]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how well memories are found.")
    parser.add_argument("--facts", action="store_true", help="ask for other memories")
    parser.add_argument("--xquad", type=Path, help="ask the questions of this file instead")
    parser.add_argument("--api", action="store_true", help="with --xquad: through HTTP too")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    if args.xquad is not None:
        found = xquad.measure(args.xquad, through_api=args.api)
        publish(XquadResult(environment, found), xquad.report(found), args.output)
        return 0
    data = load_facts() if args.facts else load()
    sizes: dict[str, int] = {}
    for question in data.questions:
        for group in groups(question):
            sizes[group] = sizes.get(group, 0) + 1
    with running(PISOVEREIGN_MEMORY__MERGE_THRESHOLD="1") as server:
        ids = _store(server, data)
        texts = [*data.memories, *(question.text for question in data.questions)]
        socket = str(server.data_dir / "run" / "engine.sock")
        vectors = asyncio.run(encode_all(socket, texts))
        asked = vectors[MODEL][len(data.memories) :]
        ndcg = {
            "pgvector alone": by_group(data.questions, _by_pgvector(server, ids, asked)),
            **{
                name: by_group(data.questions, list(_by_index(data, vectors, parts)))
                for name, parts in (("words alone", "w"), ("both", "vw"))
            },
            "search route": by_group(data.questions, _by_route(server, ids, data)),
        }
    result = Result(environment, len(data.memories), sizes, ndcg)
    publish(result, _table(result), args.output)
    return 0


def _store(server: Server, data: Dataset) -> list[str]:
    """Store all memories; returns their ids."""
    chance = random.Random(1)
    ids = []
    for text in data.memories:
        body = {"content": text, "summary": text, "importance": round(chance.random(), 2)}
        ids.append(server.request("POST", "/v1/memories", json=body).json()["id"])
    with _superuser(server) as connection:
        for identifier in ids:
            connection.execute(AGE, (chance.randrange(720), identifier))
    return ids


def _by_pgvector(server: Server, ids: list[str], questions: list[array[float]]) -> list[list[int]]:
    places = {UUID(identifier): number for number, identifier in enumerate(ids)}
    with _superuser(server) as connection:
        return [
            [
                places[row[0]]
                for row in connection.execute(NEAREST, (ALICE, MODEL, as_halfvec(vector)))
            ]
            for vector in questions
        ]


def _by_index(data: Dataset, vectors: Vectors, parts: str) -> Iterator[list[int]]:
    """Yield what the program's own index finds; `parts`: v for vectors, w for words."""
    texts = data.memories if "w" in parts else [""] * len(data.memories)
    index = LocalIndex(texts, vectors if "v" in parts else {})
    for place, question in enumerate(data.questions, len(data.memories)):
        asked = of_text(vectors, place) if "v" in parts else {}
        yield [found.id.int for found in index.rank(question.text, asked, LIMIT)]


def _by_route(server: Server, ids: list[str], data: Dataset) -> list[list[int]]:
    places = {identifier: number for number, identifier in enumerate(ids)}
    found = []
    for question in data.questions:
        query = {"q": question.text, "limit": LIMIT}
        rows = server.request("GET", "/v1/memories/search", params=query).json()
        found.append([places[row["id"]] for row in rows])
    return found


def _superuser(server: Server) -> psycopg.Connection[tuple[UUID]]:
    dsn = server.database_dsn().replace("pisovereign_app", "postgres")
    return psycopg.connect(dsn, autocommit=True)


def _table(result: Result) -> str:
    ways = list(result.ndcg)
    baseline = result.ndcg[ways[0]]
    rows = [
        [
            group,
            count,
            *(f"{result.ndcg[way][group]:.3f}" for way in ways),
            f"{result.ndcg[ways[-2]][group] / baseline[group]:.2f}",
            f"{result.ndcg[ways[-1]][group] / baseline[group]:.2f}",
        ]
        for group, count in sorted(result.questions.items())
    ]
    return table(["questions", "count", *ways, "both / pgvector", "route / pgvector"], rows)


if __name__ == "__main__":
    sys.exit(main())
