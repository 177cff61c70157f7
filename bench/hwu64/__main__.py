"""How well orders of HWU64 are read: confusion, reliability, and what goes wrong.

    python -m tools.train_intents --hwu64 FILE --report build/intents.json
    python -m bench.hwu64 --hwu64 FILE --report build/intents.json

The report holds what cross-validation guessed for each sentence of the file, in its order; here
these guesses go the whole way, with forms, rules and guards.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.environment import Environment, describe
from bench.parse.cases import CATALOG, NOW, ZONE, has_side_effect
from bench.report import add_output, publish, table
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import CLEAR, Parsed
from pisovereign.reading.times.resolution import Moment
from tools.train_intents.__main__ import Reading

# What a label may be read as; "remind me" is said under many of them.
ACCEPTED: dict[str, tuple[str, ...]] = {
    "alarm_query": ("ListReminders",),
    "alarm_remove": ("CancelReminders",),
    "alarm_set": ("SetAlarm", "SetTimer", "CreateReminder"),
    "calendar_query": ("ListCalendarEvents", "ListReminders"),
    "calendar_remove": ("DeleteCalendarEvent", "CancelReminders"),
    "calendar_set": ("CreateCalendarEvent", "CreateReminder"),
    "datetime_convert": ("DateTimeQuestion",),
    "datetime_query": ("DateTimeQuestion",),
    "email_query": ("EmailSummary",),
    "email_sendemail": ("SendEmail", "DraftEmail"),
    "lists_createoradd": ("AddToList", "CreateList"),
    "lists_query": ("ShowList",),
    "lists_remove": ("RemoveFromList", "DeleteList"),
    "qa_maths": ("Calculate",),
    "weather_query": ("CurrentWeather",),
}
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)
_WORST = 20


class Read(NamedTuple):
    """A sentence with its label, and how it was read."""

    label: str
    text: str
    parsed: Parsed

    @property
    def kind(self) -> str:
        """The name of the command, or what was read instead."""
        if self.parsed.command is not None:
            return type(self.parsed.command).__name__
        if self.parsed.incomplete is not None:
            return self.parsed.incomplete.type.__name__
        return f"unsupported {self.parsed.unsupported}" if self.parsed.unsupported else "-"

    @property
    def right(self) -> bool:
        """Whether the command is one that the label allows."""
        return self.kind in ACCEPTED.get(self.label, ())

    @property
    def acts_wrongly(self) -> bool:
        """Whether something would be changed that nobody asked for."""
        command = self.parsed.command
        sure = self.parsed.confidence >= CLEAR
        return has_side_effect(command) and sure and not self.right


class Result(msgspec.Struct, frozen=True):
    """What was measured; `right` by label, and `wrong_effects` with their sentences."""

    environment: Environment
    sentences: int
    served: int
    right: float
    by_label: dict[str, float]
    confused: list[tuple[str, str, int]]
    reliability: list[tuple[float, int, float, float]]
    wrong_effects: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how orders of HWU64 are read.")
    parser.add_argument("--hwu64", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print wrong readings")
    add_output(parser)
    args = parser.parse_args(argv)
    guessed = msgspec.json.decode(args.report.read_bytes(), type=list[Reading])
    reads = _read(args.hwu64, guessed)
    served = [read for read in reads if read.label in ACCEPTED]
    wrong = [read for read in served if not read.right]
    pairs = Counter((r.label, r.kind) for r in wrong)
    result = Result(
        environment=describe(),
        sentences=len(reads),
        served=len(served),
        right=_share([read.right for read in served]),
        by_label={
            label: _share([r.right for r in served if r.label == label]) for label in ACCEPTED
        },
        confused=[(*pair, n) for pair, n in pairs.most_common()],
        reliability=_reliability(guessed),
        wrong_effects=[f"{r.label}: {r.text} > {r.kind}" for r in reads if r.acts_wrongly],
    )
    publish(result, _tables(result), args.output)
    if args.show:
        step = max(1, len(wrong) // _WORST)
        for read in wrong[::step][:_WORST]:
            sys.stderr.write(f"{read.label}: {read.text} > {read.kind}\n")
    return 0


def _read(path: Path, guessed: Sequence[Reading]) -> list[Read]:
    parser, at = Parser(), Moment.of(NOW, ZONE)
    reads: list[Read] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for line, reading in zip(lines, guessed, strict=True):
        label, text = line.split("\t", 1)
        guesses = [Guess(*guess) for guess in reading.all]
        parsed = parser.weigh(parser.message(text, at), guesses, CATALOG)
        reads.append(Read(label, text, parsed))
    return reads


def _reliability(guessed: Sequence[Reading]) -> list[tuple[float, int, float, float]]:
    rows: list[tuple[float, int, float, float]] = []
    for low, high in pairwise(BINS):
        of = [r for r in guessed if low <= r.probability < high]
        if of:
            stated = sum(r.probability for r in of) / len(of)
            rows.append((low, len(of), round(stated, 3), _share([r.intent == r.right for r in of])))
    return rows


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(len(values), 1), 4)


def _tables(result: Result) -> str:
    return "\n\n".join([
        table(
            ["sentences", "served", "right", "wrong effects"],
            [[result.sentences, result.served, result.right, len(result.wrong_effects)]],
        ),
        table(["label", "right"], [[label, n] for label, n in result.by_label.items()]),
        table(["label", "read as", "times"], [list(row) for row in result.confused[:30]]),
        table(["probability from", "sentences", "stated", "true"],
              [list(row) for row in result.reliability]),
        "\n".join(result.wrong_effects),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
