"""What each embedding model costs on one core, and what it adds to the engine's memory.

    python -m bench.encoders --rounds 400

Times are those of the computation alone, one text after the other and 64 together; the memory is
that of an engine process without and with the models, after each has embedded a few hundred texts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.environment import Environment, describe
from bench.report import add_output, percentile, publish, table
from bench.resident import rollup
from bench.retrieval.dataset import load
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.embedding_model import EmbeddingModel, Precision
from pisovereign.models.pull import ensure_models
from tests.engine.support import EngineProcess

PRECISIONS: tuple[Precision, ...] = ("int8", "fp32")
TOGETHER = 64


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """One model: milliseconds for a text, texts a second in batches, and how close 8 bits are."""

    model: str
    precision: str
    load_ms: float
    tokenize_us: float
    alone_p50_ms: float
    alone_p99_ms: float
    texts_per_s: float
    mean_tokens: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """An engine process with some models, in MB; what is mapped from files can be given back."""

    models: list[str]
    private_mb: float
    mapped_mb: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured."""

    environment: Environment
    costs: list[Cost]
    memory: list[Memory]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.encoders", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=400, help="texts that are timed one by one")
    add_output(parser)
    args = parser.parse_args(argv)
    environment, root = describe(), models_dir()
    models = list(Config().memory.embedding_ids)
    ensure_models(root, models)
    texts = [question.text for question in load().questions]
    costs = [
        _cost(root / model, precision, texts, args.rounds)
        for model in models
        for precision in PRECISIONS
    ]
    memory = [_memory(root, models[:count], texts) for count in range(len(models) + 1)]
    memory += [_memory(root, [model], texts) for model in models[1:]]
    result = Result(environment=environment, costs=costs, memory=memory)
    publish(result, _tables(result), args.output)
    return 0


def _cost(folder: Path, precision: Precision, texts: Sequence[str], rounds: int) -> Cost:
    started = time.perf_counter()
    model = EmbeddingModel(folder, precision)
    load_ms = (time.perf_counter() - started) * 1000
    started = time.perf_counter()
    tokens = [model.tokens(text) for text in texts]
    tokenize_us = (time.perf_counter() - started) * 1e6 / len(texts)
    model.vectors(tokens[:1])
    times = []
    for at in range(rounds):
        started = time.perf_counter()
        model.vectors([tokens[at % len(tokens)]])
        times.append((time.perf_counter() - started) * 1000)
    # As the queue puts them together: neighbors in length.
    tokens.sort(key=len)
    batches = [tokens[at : at + TOGETHER] for at in range(0, len(tokens) - TOGETHER, TOGETHER)]
    rates = []
    for batch in batches * max(1, rounds // len(tokens)):
        started = time.perf_counter()
        model.vectors(batch)
        rates.append(len(batch) / (time.perf_counter() - started))
    return Cost(
        model=model.id,
        precision=precision,
        load_ms=load_ms,
        tokenize_us=tokenize_us,
        alone_p50_ms=percentile(times, 0.5),
        alone_p99_ms=percentile(times, 0.99),
        texts_per_s=percentile(rates, 0.5),
        mean_tokens=sum(map(len, tokens)) / len(tokens),
    )


def _memory(root: Path, models: Sequence[str], texts: Sequence[str]) -> Memory:
    engine = EngineProcess(root, *(f"--embedding-dir={root / model}" for model in models))
    try:
        for model in models:
            for at in range(0, len(texts), TOGETHER):
                body = {"input": texts[at : at + TOGETHER], "model": model}
                engine.post("/v1/embeddings", body)
        kilobytes = rollup(engine.process.pid)
    finally:
        engine.stop()
    private = kilobytes["Anonymous"] / 1000
    return Memory(
        models=list(models), private_mb=private, mapped_mb=kilobytes["Rss"] / 1000 - private
    )


def _tables(result: Result) -> str:
    costs = [
        [
            f"{cost.model} {cost.precision}",
            cost.load_ms,
            cost.tokenize_us,
            cost.alone_p50_ms,
            cost.alone_p99_ms,
            cost.texts_per_s,
            cost.mean_tokens,
        ]
        for cost in result.costs
    ]
    head = [
        "",
        "load ms",
        "tokenize us",
        "alone p50 ms",
        "p99 ms",
        f"{TOGETHER}: texts/s",
        "tokens",
    ]
    memory = [
        [" + ".join(row.models) or "no embedding model", row.private_mb, row.mapped_mb]
        for row in result.memory
    ]
    return "\n\n".join(
        [table(head, costs), table(["engine's memory, MB", "private", "mapped"], memory)]
    )


if __name__ == "__main__":
    sys.exit(main())
