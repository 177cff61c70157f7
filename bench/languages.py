"""Which language is recognized, and what reading a sentence costs with every language there is.

    python -m bench.languages --hwu64 hwu64-dev.tsv --xquad xquad-dev.jsonl

HWU64 (intent, tab, sentence) is English, XQuAD has each question in English and German; both have
short texts that nobody here wrote. Reading is timed in one process, each sentence twice, and the
second time counts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench.environment import Environment, describe
from bench.report import add_output, percentile, publish, table
from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.detection import detect_language
from pisovereign.parsing.parser import Parser

UNKNOWN = "unknown"
MOST_TIMED = 2000


class Recognized(msgspec.Struct, frozen=True):
    """Texts of one source in one language, and as what they were recognized."""

    source: str
    language: Language
    texts: int
    right: int
    unknown: int


class Result(msgspec.Struct, frozen=True):
    """Times in milliseconds a sentence."""

    environment: Environment
    languages: tuple[Language, ...]
    recognized: list[Recognized]
    read_p50_ms: float
    read_p99_ms: float
    rules_made_s: float


def sources(hwu64: Path | None, xquad: Path | None) -> Iterator[tuple[str, Language, list[str]]]:
    """Yield the name of a source, a language, and its texts in it."""
    if hwu64:
        lines = hwu64.read_text(encoding="utf-8").splitlines()
        yield "HWU64", "en", [line.partition("\t")[2] for line in lines]
    if xquad:
        rows = [json.loads(line) for line in xquad.read_text(encoding="utf-8").splitlines()]
        for language in ("en", "de"):
            yield "XQuAD", language, [q[language] for row in rows for q in row["questions"]]


def recognize(source: str, language: Language, texts: Sequence[str]) -> Recognized:
    """Return as what texts are recognized; `unknown`: their words do not tell."""
    found = [detect_language(text, UNKNOWN) for text in texts]
    return Recognized(source, language, len(texts), found.count(language), found.count(UNKNOWN))


def read_times(parser: Parser, texts: Sequence[str]) -> list[float]:
    """Return the milliseconds that reading each text takes, in order of length."""
    now, zone = dt.datetime(2026, 3, 11, 9, 20, tzinfo=dt.UTC), ZoneInfo("Europe/Berlin")
    spent: list[float] = []
    for _ in range(2):
        spent.clear()
        for text in texts:
            start = time.perf_counter()
            parser.parse(text, now, zone, ())
            spent.append((time.perf_counter() - start) * 1000)
    return sorted(spent)


def show(result: Result) -> str:
    """Return the result as tables."""
    rows = [
        [row.source, row.language, f"{row.texts}", f"{row.right}", f"{row.unknown}"]
        for row in result.recognized
    ]
    times = [
        [", ".join(result.languages), f"{result.read_p50_ms:.2f}", f"{result.read_p99_ms:.1f}",
         f"{result.rules_made_s:.2f}"],
    ]  # fmt: skip
    return "\n\n".join((
        table(["Source", "Language", "Texts", "Recognized", "Not told by its words"], rows),
        table(["Languages", "Read p50 ms", "p99 ms", "Rules made s"], times),
    ))  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hwu64", type=Path)
    parser.add_argument("--xquad", type=Path)
    add_output(parser)
    options = parser.parse_args(arguments)
    texts = list(sources(options.hwu64, options.xquad))
    start = time.perf_counter()
    reader = Parser()
    made = time.perf_counter() - start
    every = [text for _, _, of in texts for text in of]
    spent = read_times(reader, every[:: max(1, len(every) // MOST_TIMED)])
    result = Result(
        describe(),
        LANGUAGES,
        [recognize(*each) for each in texts],
        percentile(spent, 0.5),
        percentile(spent, 0.99),
        made,
    )
    publish(result, show(result), options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
