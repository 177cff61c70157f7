"""Top-10 search of 384-d vectors beside numpy and the int8 indexes of other libraries.

    python -m bench.vectors --rows 10000 100000 1000000 --rounds 15

One thread, one process. Every round asks each of them the same question, in an order that turns
around, and ratios are taken inside a round. The vectors are MiniLM's of generated sentences, and
beyond those embedded copies with a little noise. With `--vectors random` all are random.
"""

from __future__ import annotations

import sys

if not __package__:
    sys.exit("run it from the project's folder as: python -m bench.vectors")

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy starts as many as there are cores

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.embeddings import Floats, random_vectors, sentence_vectors
from bench.environment import Environment, describe
from bench.peers import peers
from bench.report import add_output, publish, table
from pisovereign_native.vectors import VectorIndex, kernels

K, WIDTH = 10, 384
QUESTIONS = 200
OURS, NUMPY, READ = "this index", "numpy float32", "plain read"
Search = Callable[[Floats], Sequence[int]]


class Timing(msgspec.Struct, frozen=True):
    """One search at one size: the median time, and how many times as long as ours it takes."""

    name: str
    rows: int
    median_ms: float
    ratio: float
    least_ratio: float
    most_ratio: float


class Size(msgspec.Struct, frozen=True):
    """What is measured of the index at one size.

    Its share of the bandwidth is the time of a plain read of what a search reads at least, over the
    time of a search: above 1 where it reads faster than numpy's fastest pass does.
    """

    rows: int
    recall: float
    megabytes: float
    bandwidth_share: float
    read_gb_s: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured, and on what."""

    environment: Environment
    vectors: str
    kernel: str
    rounds: int
    sizes: list[Size]
    timings: list[Timing]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    args = _arguments(argv)
    environment = describe()
    sizes: list[Size] = []
    timings: list[Timing] = []
    for count in args.rows:
        rows, questions = _vectors(args, count)
        size, times = _measure(rows, questions, args.rounds)
        sizes.append(size)
        timings += times
    result = Result(
        environment=environment,
        vectors=args.vectors,
        kernel=kernels()[0],
        rounds=args.rounds,
        sizes=sizes,
        timings=timings,
    )
    publish(result, _tables(result), args.output)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.vectors", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=15, help="questions that are timed")
    parser.add_argument("--vectors", choices=["sentences", "random"], default="sentences")
    parser.add_argument("--embedded", type=int, default=10_000, help="sentences to embed")
    folder = os.environ.get("PISOVEREIGN_MODELS_DIR", "~/.cache/pisovereign/models")
    parser.add_argument("--models", type=Path, default=Path(folder).expanduser())
    add_output(parser)
    args = parser.parse_args(argv)
    if not all(K <= rows <= 4_000_000 for rows in args.rows):
        parser.error(f"--rows must be {K} to 4,000,000")
    if not 1 <= args.rounds <= QUESTIONS:
        parser.error(f"--rounds must be 1 to {QUESTIONS}")
    return args


def _vectors(args: argparse.Namespace, count: int) -> tuple[Floats, Floats]:
    if args.vectors == "random":
        return random_vectors(count, seed=1), random_vectors(QUESTIONS, seed=2)
    return sentence_vectors(args.models, count, args.embedded, QUESTIONS)


def _measure(rows: Floats, questions: Floats, rounds: int) -> tuple[Size, list[Timing]]:
    index, *slower = (_filled(rows, kernel) for kernel in kernels())
    searches: dict[str, Search] = {
        OURS: _search(index),
        **{f"{OURS}, {other.kernel}": _search(other) for other in slower},
        NUMPY: lambda question: _numpy(rows, question),
        **peers(rows, K),
    }
    recall = _recall(rows, index, questions)
    # What a search reads of every row; candidates, which are read in full, come on top.
    least_bytes = rows.shape[0] * (WIDTH // 2 + 8)
    times = _interleave({**searches, READ: _plain_read(least_bytes)}, questions[:rounds])
    size = Size(
        rows=rows.shape[0],
        recall=recall,
        megabytes=index.nbytes / 1e6,
        bandwidth_share=_timing(READ, rows.shape[0], times).ratio,
        read_gb_s=least_bytes / statistics.median(times[READ]) / 1e9,
    )
    return size, [_timing(name, rows.shape[0], times) for name in searches]


def _filled(rows: Floats, kernel: str) -> VectorIndex:
    index = VectorIndex(WIDTH, kernel)
    for row, vector in enumerate(rows):
        index.put(row, vector)
    return index


def _search(index: VectorIndex) -> Search:
    return lambda question: index.search(question, K)[0]


def _numpy(rows: Floats, question: Floats) -> list[int]:
    scores = rows @ question
    best = np.argpartition(scores, -K)[-K:]
    ordered: list[int] = best[np.argsort(-scores[best])].tolist()
    return ordered


def _recall(rows: Floats, index: VectorIndex, questions: Floats) -> float:
    """Return the share of numpy's ten that ours are, over all questions."""
    same = [
        len(set(_numpy(rows, question)) & set(index.search(question, K)[0])) / K
        for question in questions
    ]
    return statistics.mean(same)


def _interleave(searches: dict[str, Search], questions: Floats) -> dict[str, list[float]]:
    """Seconds of each search for each question."""
    times: dict[str, list[float]] = {name: [] for name in searches}
    for number, question in enumerate(questions):
        order = list(searches) if number % 2 == 0 else list(reversed(searches))
        for name in order:
            searches[name](question)  # what the others left in the cache is not its business
            started = time.perf_counter()
            searches[name](question)
            times[name].append(time.perf_counter() - started)
    return times


def _plain_read(size: int) -> Search:
    """Return a read of so much memory and no more: numpy's fastest pass over it."""
    memory: NDArray[np.int64] = np.ones(size // 8, np.int64)

    def seconds(read: Callable[..., object]) -> float:
        started = time.perf_counter()
        read(memory)
        return time.perf_counter() - started

    ways: list[Callable[..., object]] = [np.bitwise_or.reduce, np.add.reduce, np.max]
    fastest = min(ways, key=lambda read: min(seconds(read) for _ in range(5)))

    def read(question: Floats) -> list[int]:
        fastest(memory)
        return []

    return read


def _timing(name: str, rows: int, times: dict[str, list[float]]) -> Timing:
    ratios = [theirs / ours for theirs, ours in zip(times[name], times[OURS], strict=True)]
    return Timing(
        name=name,
        rows=rows,
        median_ms=statistics.median(times[name]) * 1000,
        ratio=statistics.median(ratios),
        least_ratio=min(ratios),
        most_ratio=max(ratios),
    )


def _tables(result: Result) -> str:
    timings = [
        [
            t.name,
            t.rows,
            f"{t.median_ms:.3f}",
            t.ratio,
            f"{t.least_ratio:.2f} to {t.most_ratio:.2f}",
        ]
        for t in result.timings
    ]
    sizes = [
        [str(s.rows), f"{s.recall:.4f}", s.megabytes, f"{s.bandwidth_share:.0%}", s.read_gb_s]
        for s in result.sizes
    ]
    return "\n\n".join(
        [
            f"{result.vectors}, kernel {result.kernel}",
            table(["top 10", "rows", "median ms", "times ours", "of rounds"], timings),
            table(["rows", "recall@10", "MB", "of read speed", "read GB/s"], sizes),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
