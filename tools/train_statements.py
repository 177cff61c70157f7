r"""Make the weights that tell what is to be learned from what is said.

    python -m tools.train_statements --engine ~/.local/share/pisovereign/run/engine.sock \
        --hwu64 hwu64-dev.tsv

The sentences are those of `languages/<code>/statement_examples.toml`, the facts of
`bench/data/facts.tsv`, and, as what is never to be learned, those of HWU64 (intent, tab, sentence).
The same sentences give the same weights. What it prints is found by cross-validation.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.languages import LANGUAGES, load_data
from pisovereign.memory.statement_head import LEAST, MODEL
from pisovereign.memory.statement_reader import as_read
from pisovereign.memory.statements import Candidate, Statement, candidates

_ROOT = Path(__file__).parent.parent
_FACTS = _ROOT / "bench" / "data" / "facts.tsv"
_TARGET = _ROOT / "pisovereign" / "memory" / "statement_head.toml"
_DIMENSIONS, _BATCH, _FOLDS = 512, 32, 5
# How much a sentence counts: of our own, of the facts, and of HWU64, which are many.
_OWN, _FACT, _COMMAND = 1.0, 0.5, 0.3
# The inverse of how strongly weights are kept small, and how far a form counts in that.
_C, _FORM = 10.0, 0.5
_STEPS = 30
# Of the intents of HWU64, people state what they like in this one.
_STATING = "music_likeness"
_HEADER = """\
# The weights of pisovereign/memory/statement_head.py, made by tools.train_statements. Among the
# sentences were those of HWU64 by Xingkun Liu, Arash Eshghi, Pawel Swietojanski and Verena Rieser,
# CC BY 4.0.
"""
Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """A sentence, whether it is to be learned, how much it counts, and where it is from."""

    text: str
    keep: bool
    weight: float
    source: str


def main(argv: Sequence[str] | None = None) -> int:
    """Train, cross-validate and write."""
    parser = argparse.ArgumentParser(description="Train what is learned from what is said.")
    parser.add_argument("--engine", required=True, help="the socket of a running engine")
    parser.add_argument("--hwu64", type=Path, help="sentences with their intents")
    args = parser.parse_args(argv)
    samples = load_samples(args.hwu64)
    vectors = asyncio.run(encode(args.engine, [one.text for one in samples]))
    print(validate(samples, vectors))
    _TARGET.write_text(head(samples, vectors), encoding="utf-8")
    return 0


def load_samples(hwu64: Path | None) -> list[Sample]:
    """Return the labeled sentences in the form in which the encoder reads them."""
    found: list[Sample] = []
    for code in LANGUAGES:
        for label, text in load_data(code, "statement_examples").items():
            found += [Sample(line, label == "keep", _OWN, code) for line in text.splitlines()]
    with _FACTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    found += [Sample(row[at], True, _FACT, "facts") for row in rows for at in (0, 2)]
    if hwu64 is not None:
        lines = (line.split("\t") for line in hwu64.read_text(encoding="utf-8").splitlines())
        found += [
            Sample(text, False, _COMMAND, "hwu64") for intent, text in lines if intent != _STATING
        ]
    unique = {one.text.strip(): one for one in found if one.text.strip()}
    return [one._replace(text=as_read(_candidate(text).statement)) for text, one in unique.items()]


def validate(samples: Sequence[Sample], vectors: Floats) -> str:
    """Return, by source, the share of what is to be learned that is, and of the rest."""
    inputs = _inputs(samples, vectors)
    chances = np.zeros(len(samples))
    folds = np.random.default_rng(1).permutation(len(samples)) % _FOLDS
    for fold in range(_FOLDS):
        weights = _fit(
            inputs[folds != fold], [s for s, f in zip(samples, folds, strict=True) if f != fold]
        )
        chances[folds == fold] = 1 / (1 + np.exp(-inputs[folds == fold] @ weights))
    lines = []
    for source in dict.fromkeys(one.source for one in samples):
        shares = []
        for keep in (True, False):
            among = [
                chance >= LEAST and _may_be(one)
                for one, chance in zip(samples, chances, strict=True)
                if one.source == source and one.keep is keep
            ]
            shares.append(f"{sum(among)} of {len(among)}")
        lines.append(f"{source}: learned {shares[0]}, wrongly {shares[1]}")
    return "\n".join(lines)


def head(samples: Sequence[Sample], vectors: Floats) -> str:
    """Return the file of the weights."""
    weights = _fit(_inputs(samples, vectors), samples)
    numbers = [f"{number:.3f}" for number in weights[:_DIMENSIONS]]
    rows = [", ".join(numbers[at : at + 12]) for at in range(0, _DIMENSIONS, 12)]
    listed = ",\n    ".join(rows)
    form = weights[_DIMENSIONS] * _FORM
    return (
        f"{_HEADER}\nform = {form:.3f}\nbias = {weights[-1]:.3f}\nweights = [\n    {listed},\n]\n"
    )


def _candidate(text: str) -> Candidate:
    """Return the sentence as the program finds it; one that it drops, as it is."""
    found = candidates(text)
    return found[0] if len(found) == 1 else Candidate(Statement(text, "fact"), False, False)


def _may_be(sample: Sample) -> bool:
    return len(candidates(sample.text)) == 1


def _inputs(samples: Sequence[Sample], vectors: Floats) -> Floats:
    forms = np.array([[_FORM * _candidate(one.text).has_form] for one in samples])
    return np.hstack([vectors, forms, np.ones((len(samples), 1))])


def _fit(inputs: Floats, samples: Sequence[Sample]) -> Floats:
    wanted = np.array([one.keep for one in samples], dtype=float)
    return fit(inputs, wanted, np.array([one.weight for one in samples]), _C)


def fit(inputs: Floats, wanted: Floats, counts: Floats, c: float) -> Floats:
    """Return the weights of a logistic regression, by Newton's method; the last is the bias.

    Args:
        inputs: A row for each sample; its last number is 1.
        wanted: 1 or 0 for each.
        counts: How much each counts.
        c: The inverse of how strongly weights are kept small.
    """
    small = np.full(inputs.shape[1], 1 / c)
    small[-1] = 0.0
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (counts * (chances - wanted)) + small * weights
        curve = (inputs * (counts * chances * (1 - chances))[:, None]).T @ inputs + np.diag(small)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


async def encode(socket: str, texts: Sequence[str]) -> Floats:
    """Return the vectors of texts by a running engine, a row for each."""
    engine = EngineClient(socket)
    encoder = Encoder(engine, MODEL, _DIMENSIONS)
    vectors = [
        list(vector)
        for at in range(0, len(texts), _BATCH)
        for vector in await encoder.encode(texts[at : at + _BATCH])
    ]
    await engine.close()
    return np.array(vectors)


if __name__ == "__main__":
    sys.exit(main())
