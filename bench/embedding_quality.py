"""What the smaller form of the embedding model costs in retrieval quality, and what it saves.

    python -m bench.embedding_quality

Each question is embedded alone, as a search is; the texts all together, as an index is. A question
has one right text. nDCG@10 is 1 / log2(1 + its rank), recall@10 whether it is among the first ten.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from bench.retrieval_data import Question, load
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.embedder import Embedder
from pisovereign.engine.embedding_model import Precision
from pisovereign.models.pull import ensure_models

PRECISIONS: tuple[Precision, ...] = ("int8", "fp32")
FIRST = 10
Vectors = NDArray[np.float32]


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """One form of the model on the questions of one language."""

    precision: str
    language: str
    questions: int
    ndcg_at_10: float
    recall_at_10: float


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds a text: questions one by one, texts all together."""

    precision: str
    alone_ms: float
    together_ms: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured."""

    environment: Environment
    model: str
    texts: int
    quality: list[Quality]
    speed: list[Speed]
    cosine: float


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.embedding_quality", description=__doc__.partition("\n")[0]
    )
    add_output(parser)
    parser.add_argument("--model", default=Config().memory.embedding_ids[0])
    args = parser.parse_args(argv)
    environment, model = describe(), args.model
    ensure_models(models_dir(), [model])
    texts, questions = load()
    quality, speed, vectors = [], [], []
    for precision in PRECISIONS:
        embedder = Embedder(models_dir() / model, precision)
        embedder.warm_up()
        rows, asked, times = asyncio.run(_embed(embedder, precision, texts, questions))
        embedder.close()
        quality += _judge(precision, questions, asked @ rows.T)
        speed.append(times)
        vectors.append(rows)
    result = Result(
        environment=environment,
        model=model,
        texts=len(texts),
        quality=quality,
        speed=speed,
        cosine=float((vectors[0] * vectors[1]).sum(axis=1).mean()),
    )
    publish(result, _tables(result), args.output)
    return 0


async def _embed(
    embedder: Embedder, precision: str, texts: Sequence[str], questions: Sequence[Question]
) -> tuple[Vectors, Vectors, Speed]:
    started = time.perf_counter()
    rows, _ = await embedder.embed(texts)
    between = time.perf_counter()
    asked = [(await embedder.embed([question.text]))[0][0] for question in questions]
    ended = time.perf_counter()
    speed = Speed(
        precision=precision,
        alone_ms=1000 * (ended - between) / len(questions),
        together_ms=1000 * (between - started) / len(texts),
    )
    return np.array(rows, np.float32), np.array(asked, np.float32), speed


def _judge(precision: str, questions: Sequence[Question], scores: Vectors) -> list[Quality]:
    ranks = np.array(
        [_rank(question, row) for question, row in zip(questions, scores, strict=True)]
    )
    result = []
    for language in ("English", "German", "both"):
        chosen = [language in (question.language, "both") for question in questions]
        mine = ranks[chosen]
        result.append(
            Quality(
                precision=precision,
                language=language,
                questions=len(mine),
                ndcg_at_10=float(np.where(mine <= FIRST, 1 / np.log2(1 + mine), 0).mean()),
                recall_at_10=float((mine <= FIRST).mean()),
            )
        )
    return result


def _rank(question: Question, scores: Vectors) -> int:
    """Return the rank of the right text, from 1."""
    better = scores > scores[question.answer]
    better[question.twin] = False
    return 1 + int(better.sum())


def _tables(result: Result) -> str:
    quality = [
        [
            f"{q.precision}, {q.language}",
            q.questions,
            f"{q.ndcg_at_10:.3f}",
            f"{q.recall_at_10:.3f}",
        ]
        for q in result.quality
    ]
    speed = [[s.precision, s.alone_ms, s.together_ms] for s in result.speed]
    return "\n\n".join(
        [
            f"{result.model}, {result.texts} texts",
            table(["", "questions", "nDCG@10", "recall@10"], quality),
            table(["ms a text", "alone", "together"], speed),
            f"cosine of int8 and fp32 on the texts, mean: {result.cosine:.3f}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
