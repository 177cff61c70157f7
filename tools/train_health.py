r"""Make the weights that tell questions of health and safety from everything else.

    python -m tools.train_health --engine ~/.local/share/pisovereign/run/engine.sock \
        --hwu64 hwu64-dev.tsv

The sentences are made of the templates in `languages/<code>/health_examples.toml`. What is asked of
a home assistant (HWU64: intent, tab, sentence) and the talk of `chatterbot-corpus` are no such
questions. The same sentences give the same weights. What it prints is found by cross-validation, in
which no template is in both parts.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pisovereign.chat.health import LEAST, MODEL
from pisovereign.languages import LANGUAGES, load_data
from tools.train_intents.sources import talk
from tools.train_intents.templates import Sampler
from tools.train_statements import Floats, encode, fit

_TARGET = Path(__file__).parent.parent / "pisovereign" / "chat" / "health_head.toml"
_EACH, _FOLDS, _SEED = 10, 5, 1
# How much a sentence counts: of our own, and of others, which are many.
_OWN, _OTHERS = 1.0, 0.3
# The inverse of how strongly weights are kept small.
_C = 10.0
_HEADER = """\
# The weights of pisovereign/chat/health.py, made by tools.train_health. Among the sentences were
# those of HWU64 by Xingkun Liu, Arash Eshghi, Pawel Swietojanski and Verena Rieser, CC BY 4.0.
"""


class Sample(NamedTuple):
    """A sentence.

    Attributes:
        text: It.
        care: It asks about health or safety.
        weight: How much it counts.
        source: Where it is from.
        made_of: The template that it was made of, or the sentence.
    """

    text: str
    care: bool
    weight: float
    source: str
    made_of: str


def main(argv: Sequence[str] | None = None) -> int:
    """Train, cross-validate and write."""
    parser = argparse.ArgumentParser(description="Train what asks about health.")
    parser.add_argument("--engine", required=True, help="the socket of a running engine")
    parser.add_argument("--hwu64", type=Path, required=True, help="sentences with their intents")
    args = parser.parse_args(argv)
    samples = load_samples(args.hwu64)
    vectors = asyncio.run(encode(args.engine, [one.text for one in samples]))
    print(validate(samples, vectors))
    weights = _fit(samples, vectors)
    numbers = [f"{number:.3f}" for number in weights[:-1]]
    rows = ",\n    ".join(", ".join(numbers[at : at + 12]) for at in range(0, len(numbers), 12))
    _TARGET.write_text(
        f'{_HEADER}\nmodel = "{MODEL}"\nbias = {weights[-1]:.3f}\nweights = [\n    {rows},\n]\n',
        encoding="utf-8",
    )
    return 0


def load_samples(hwu64: Path) -> list[Sample]:
    """Return the labeled sentences."""
    found = [sample for code in LANGUAGES for sample in _made(code)]
    for line in hwu64.read_text(encoding="utf-8").splitlines():
        text = line.split("\t", 1)[1]
        found.append(Sample(text, False, _OTHERS, "hwu64", text))
    found += [Sample(one.text, False, _OTHERS, "talk", one.text) for one in talk(_SEED)]
    return list({sample.text: sample for sample in found}.values())


def validate(samples: Sequence[Sample], vectors: Floats) -> str:
    """Return, by source, the share of questions about health that are found, and of all else."""
    made_of = sorted({sample.made_of for sample in samples})
    random.Random(_SEED).shuffle(made_of)
    fold_of = {template: number % _FOLDS for number, template in enumerate(made_of)}
    folds = np.array([fold_of[sample.made_of] for sample in samples])
    inputs = np.hstack([vectors, np.ones((len(samples), 1))])
    chances = np.zeros(len(samples))
    for fold in range(_FOLDS):
        rest = [sample for sample, of in zip(samples, folds, strict=True) if of != fold]
        weights = _fit(rest, vectors[folds != fold])
        chances[folds == fold] = 1 / (1 + np.exp(-inputs[folds == fold] @ weights))
    lines = []
    for source in dict.fromkeys(sample.source for sample in samples):
        shares = []
        for care in (True, False):
            among = [
                chance >= LEAST
                for sample, chance in zip(samples, chances, strict=True)
                if sample.source == source and sample.care is care
            ]
            shares.append(f"{sum(among)} of {len(among)}")
        lines.append(f"{source}: found {shares[0]}, wrongly {shares[1]}")
    return "\n".join(lines)


def _made(code: str) -> Iterator[Sample]:
    """Yield sentences of the templates of a language, as they are written and as they are typed."""
    data = load_data(code, "health_examples")
    chance = random.Random(f"{_SEED} {code}")
    sampler = Sampler({}, data["words"], [""], chance)
    for care in (True, False):
        for template in data["care" if care else "other"]:
            texts = {sampler.sample(template) for _ in range(_EACH)}
            for text in sorted({*texts, *(text.lower().rstrip("?.!") for text in texts)}):
                yield Sample(text, care, _OWN, code, template)


def _fit(samples: Sequence[Sample], vectors: Floats) -> Floats:
    wanted = np.array([sample.care for sample in samples], dtype=float)
    counts = np.array([sample.weight for sample in samples])
    return fit(np.hstack([vectors, np.ones((len(samples), 1))]), wanted, counts, _C)


if __name__ == "__main__":
    sys.exit(main())
