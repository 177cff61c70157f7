"""Train the intent model, and say how well it does on what it was not trained with.

    python -m tools.train_intents --hwu64 FILE --report build/intents.json
    python -m tools.train_intents --hwu64 FILE --folds 0

The file has a sentence of HWU64 on each line: label, tab, sentence. It is not part of the
repository. The same seed gives the same weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from pisovereign.languages import LANGUAGES, OTHERWISE
from pisovereign.languages.detection import detect_language
from pisovereign.parsing.intent_weights import FORMAT, Matrix, Weights
from pisovereign.reading.patterns import load_patterns
from pisovereign.reading.utterance import MessageText, RequestExtractor
from tools.train_intents import sources
from tools.train_intents.network import (
    Floats,
    Ints,
    Network,
    Part,
    Sentences,
    softmax,
    temperature,
    train,
)
from tools.train_intents.sources import Labeled
from tools.train_intents.vectors import ENCODERS, LANGUAGE_OF, vectors_of

OUTPUT = Path(__file__).parents[2] / "pisovereign" / "parsing" / "intents.msgpack"
# An encoder may be missing, or not know the language.
_MISSING = {"use-multilingual": 0.1, "all-minilm-l6-v2": 0.2}


class Reading(msgspec.Struct, frozen=True):
    """A sentence of the public data, and what a model that never saw it reads in it."""

    label: str
    text: str
    right: str
    intent: str
    probability: float
    all: list[tuple[str, float]]


class Data:
    """All sentences with their vectors, outputs and intents as numbers."""

    def __init__(self, sentences: Sequence[Labeled], vectors: dict[str, Floats]) -> None:
        self.sentences = sentences
        self.rows = sorted({s.row for s in sentences})
        self.intents = sorted({s.intent for s in sentences})
        number = {row: i for i, row in enumerate(self.rows)}
        self.right: Ints = np.array([number[s.row] for s in sentences])
        self.meant: Ints = np.array([self.intents.index(s.intent) for s in sentences])
        self.weights = np.array([s.weight for s in sentences], np.float32)
        of_row = {s.row: s.intent for s in sentences}
        self.intent_of_row = [of_row[row] for row in self.rows]
        self.groups = np.array(
            [[intent == of_row[row] for intent in self.intents] for row in self.rows], np.float32
        )
        self.vectors = np.hstack([vectors[model] for model in ENCODERS])
        self.parts: list[Part] = []
        for model, size in ENCODERS.items():
            start = self.parts[-1].end if self.parts else 0
            self.parts.append(Part(start, start + size, _MISSING[model]))
            only = LANGUAGE_OF.get(model)
            others = [i for i, s in enumerate(sentences) if only and s.language != only]
            self.vectors[others, start : start + size] = 0

    def train(self, which: Ints, seed: int) -> Network:
        """Return a network that was trained with some of the sentences."""
        return train(
            Sentences(self.vectors[which], self.right[which], self.weights[which]),
            len(self.rows),
            self.parts,
            seed,
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description="Train the intent model.")
    parser.add_argument("--hwu64", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5, help="0: measure nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vectors", type=Path, default=Path("build/intent-vectors.npz"))
    parser.add_argument("--report", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    args = parser.parse_args(argv)
    sentences = _sentences(args.hwu64, args.seed)
    args.vectors.parent.mkdir(parents=True, exist_ok=True)
    data = Data(sentences, vectors_of([s.text for s in sentences], args.vectors))
    divisor = 1.0
    if args.folds:
        divisor, readings = _cross_validated(data, args.folds, args.seed)
        right = sum(r.right == r.intent for r in readings) / len(readings)
        sys.stdout.write(f"{len(readings)} sentences of HWU64: {right:.4f} right\n")
        if args.report:
            args.report.write_bytes(msgspec.json.format(msgspec.json.encode(readings)))
    network = data.train(np.arange(len(sentences)), args.seed)
    args.output.write_bytes(msgspec.msgpack.encode(_weights(data, network, divisor)))
    sys.stdout.write(f"{len(sentences)} sentences, {args.output.stat().st_size} bytes\n")
    return 0


def _sentences(hwu64: Path, seed: int) -> list[Labeled]:
    """Return all sentences as the program sees them, without what leads up to a request."""
    requests = {code: RequestExtractor(load_patterns(code).requests) for code in LANGUAGES}
    found = [
        *sources.hwu64(hwu64),
        *sources.examples(),
        *sources.home_assistant(seed),
        *sources.talk(seed),
    ]
    return [
        s._replace(text=requests[language].core(MessageText.of(s.text)), language=language)
        for s in found
        if (language := detect_language(s.text, OTHERWISE))
    ]


def _cross_validated(data: Data, folds: int, seed: int) -> tuple[float, list[Reading]]:
    """Return the temperature, and how each sentence of HWU64 is read without having been seen."""
    public = np.array([i for i, s in enumerate(data.sentences) if s.source == "hwu64"])
    fold_of = np.random.default_rng(seed).permutation(len(public)) % folds
    logits = np.zeros((len(public), len(data.rows)), np.float32)
    for fold in range(folds):
        held = public[fold_of == fold]
        texts = {data.sentences[i].text for i in held}
        rest = np.array([i for i, s in enumerate(data.sentences) if s.text not in texts])
        logits[fold_of == fold] = data.train(rest, seed).logits(data.vectors[held])
    divisor = temperature(logits, data.groups, data.meant[public])
    shares = softmax(logits / divisor) @ data.groups
    best = shares.argmax(1)
    return divisor, [
        Reading(
            label=data.sentences[i].row.partition("/")[2] or data.sentences[i].intent,
            text=data.sentences[i].text,
            right=data.sentences[i].intent,
            intent=data.intents[best[n]],
            probability=round(float(shares[n, best[n]]), 4),
            all=[(data.intents[k], round(float(shares[n, k]), 4)) for k in np.argsort(-shares[n])],
        )
        for n, i in enumerate(public)
    ]


def _weights(data: Data, network: Network, divisor: float) -> Weights:
    inputs: dict[str, Matrix] = {}
    for model, part in zip(ENCODERS, data.parts, strict=True):
        inputs[model] = _matrix(network.first[part.start : part.end].T)
    return Weights(
        format=FORMAT,
        intents=data.intent_of_row,
        inputs=inputs,
        languages=LANGUAGE_OF,
        hidden=network.hidden_bias.tolist(),
        outputs=_matrix(network.second.T),
        bias=network.bias.tolist(),
        temperature=divisor,
    )


def _matrix(values: Floats) -> Matrix:
    scales = np.abs(values).max(1) / 127
    integers = np.rint(values / scales[:, None]).astype(np.int8)
    return Matrix(values.shape[1], integers.tobytes(), scales.tolist())


if __name__ == "__main__":
    sys.exit(main())
