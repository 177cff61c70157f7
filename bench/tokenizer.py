"""Our tokenizers beside the `tokenizers` library: texts and batches of 8, 40 and 150 words.

    python -m bench.tokenizer --rounds 30 --model use-multilingual

Rounds ask both in an order that turns; ratios are taken inside a round. Batches hold 64:
a loop of ours, and `encode_batch` of the library with one thread and with all of them. The ids are
compared on everything that is timed.
"""

from __future__ import annotations

import sys

if not __package__:
    sys.exit("run it from the project's folder as: python -m bench.tokenizer")

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from tokenizers import Tokenizer

from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from bench.sentences import sentences
from pisovereign.config import Config
from pisovereign.engine.embedding_model import (
    LIBRARY,
    UNIGRAM,
    VOCABULARY,
)
from pisovereign.models.prepare_use import SENTENCEPIECE
from pisovereign.models.sentencepiece import read_unigram
from pisovereign_native.unigram import Unigram
from pisovereign_native.wordpiece import WordPiece
from tests.native.unigram_oracle import oracle

WORDS = (8, 40, 150)
BATCH = 64
MAX_TOKENS = 256
REPEATS = 20  # of a single text's call, which is over too soon for the clock


class Row(msgspec.Struct, frozen=True):
    """One kind of call: microseconds for a text, and the library's time divided by ours."""

    call: str
    words: int
    ours_us: float
    theirs_us: float
    ratio: float
    least_ratio: float
    most_ratio: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured, and on what."""

    environment: Environment
    rounds: int
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 if any ids differ."""
    args = _arguments(argv)
    environment = describe()
    ours, theirs = _tokenizers(args.models / args.model)
    theirs.no_padding()
    theirs.enable_truncation(MAX_TOKENS)
    rows = []
    for words in WORDS:
        texts = _texts(words)
        if any(ours.encode(text, MAX_TOKENS) != theirs.encode(text).ids for text in texts):
            print(f"ids differ at {words} words", file=sys.stderr)
            return 1
        rows += _measure(ours, theirs, texts, words, args.rounds)
    result = Result(environment=environment, rounds=args.rounds, rows=rows)
    head = ("a text", "words", "ours us", "library us", "ratio", "of rounds")
    cells = [
        [
            r.call,
            r.words,
            r.ours_us,
            r.theirs_us,
            r.ratio,
            f"{r.least_ratio:.1f} to {r.most_ratio:.1f}",
        ]
        for r in rows
    ]
    publish(result, table(head, cells), args.output)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.tokenizer", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument(
        "--model", choices=Config().memory.embedding_ids, default="all-minilm-l6-v2"
    )
    folder = os.environ.get("PISOVEREIGN_MODELS_DIR", "~/.cache/pisovereign/models")
    parser.add_argument("--models", type=Path, default=Path(folder).expanduser())
    add_output(parser)
    args = parser.parse_args(argv)
    if not 1 <= args.rounds <= 1000:
        parser.error("--rounds must be 1 to 1,000")
    return args


def _tokenizers(folder: Path) -> tuple[WordPiece | Unigram, Tokenizer]:
    if (folder / UNIGRAM).is_file():
        return Unigram.from_file(folder / UNIGRAM), oracle(read_unigram(folder / SENTENCEPIECE))
    ours = WordPiece.from_file(folder / VOCABULARY)
    return ours, Tokenizer.from_file(str(folder / LIBRARY))


def _texts(words: int) -> list[str]:
    """As many texts as a batch has, each of so many words and different from the others."""
    stream = " ".join(sentences(BATCH * words // 5, seed=words)).split(" ")
    return [" ".join(stream[at * words : (at + 1) * words]) for at in range(BATCH)]


def _measure(
    ours: WordPiece | Unigram, theirs: Tokenizer, texts: list[str], words: int, rounds: int
) -> list[Row]:
    def own_batch() -> None:
        for text in texts:
            ours.encode(text, MAX_TOKENS)

    def single(encode: Callable[[str], object]) -> Callable[[], None]:
        def call() -> None:
            for text in texts[:REPEATS]:
                encode(text)

        return call

    def library_batch() -> None:
        theirs.encode_batch(texts)

    calls: list[tuple[str, int, Callable[[], None], Callable[[], None], str]] = [
        (
            "single",
            REPEATS,
            single(lambda text: ours.encode(text, MAX_TOKENS)),
            single(lambda text: theirs.encode(text).ids),
            "false",
        ),
        ("batch, one thread", BATCH, own_batch, library_batch, "false"),
        ("batch, all threads", BATCH, own_batch, library_batch, "true"),
    ]
    rows = []
    for name, count, own, library, parallel in calls:
        os.environ["TOKENIZERS_PARALLELISM"] = parallel
        pairs = [_pair(own, library, number) for number in range(rounds)]
        ratios = [their / our for our, their in pairs]
        rows.append(
            Row(
                call=name,
                words=words,
                ours_us=statistics.median(our for our, _ in pairs) / count * 1e6,
                theirs_us=statistics.median(their for _, their in pairs) / count * 1e6,
                ratio=statistics.median(ratios),
                least_ratio=min(ratios),
                most_ratio=max(ratios),
            )
        )
    return rows


def _pair(own: Callable[[], None], library: Callable[[], None], number: int) -> tuple[float, float]:
    """Seconds of both, the one that begins alternating."""
    if number % 2:
        their, our = _timed(library), _timed(own)
    else:
        our, their = _timed(own), _timed(library)
    return our, their


def _timed(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
