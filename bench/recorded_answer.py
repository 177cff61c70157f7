"""A real answer, written down step by step, to be gone through again without the model.

    python -m bench.recorded_answer FILE

Writes the model's output after each token of an answer, and how long llama.cpp computed for it.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.engine.templates import TEMPLATES
from pisovereign.engine_client.types import Message

QUESTION = "How do bees find their way back to the hive?"
TOKENS = 64
_LENGTH = 512


def main() -> None:
    """Let the model answer with one thread, and write all of it down."""
    set_up_openmp("passive")
    # Only now: importing llama.cpp loads OpenMP.
    from pisovereign.engine.compute_settings import ComputeSettings  # noqa: PLC0415
    from pisovereign.engine.llama import Context, Entry, Model  # noqa: PLC0415
    from pisovereign.engine.sampling import Sampler, SamplingParams  # noqa: PLC0415

    model = Model(models_dir() / Config().inference.model / "model.gguf")
    template = TEMPLATES["chatml"]
    model.vocab.fit(template)
    prompt = model.vocab.encode(template.render([Message("user", QUESTION)]))
    settings = ComputeSettings(threads=1, batch_threads=1)
    context = Context(model, length=_LENGTH, sequences=1, settings=settings)
    sampler = Sampler(SamplingParams(temperature=0.7, top_p=0.9, seed=1), prompt)
    rows, tokens, seconds = list[Any](), list[int](), list[float]()
    (row,) = context.decode([Entry(0, 0, prompt, 1)])
    while len(tokens) < TOKENS:
        rows.append(row.copy())
        token = sampler.sample(row)
        if model.vocab.ends_answer(token):
            break
        sampler.accept(token)
        tokens.append(token)
        began = time.thread_time()
        (row,) = context.decode([Entry(0, len(prompt) + len(tokens) - 1, [token], 1)])
        seconds.append(time.thread_time() - began)
    np.savez(
        Path(sys.argv[1]),
        rows=np.array(rows[: len(tokens)]),
        tokens=np.array(tokens),
        prompt=np.array(prompt),
        pieces=np.array([model.vocab.piece(token) for token in tokens], dtype=object),
        decode_us=np.array(1e6 * statistics.median(seconds)),
    )


class RecordedAnswer:
    """One that was written down.

    Args:
        path: the file.

    Attributes:
        prompt: the prompt's tokens.
        tokens: the answer's tokens.
        pieces: their bytes.
        rows: what the model gave before each of them.
        decode_us: microseconds of CPU that llama.cpp computed for a token.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=True) as stored:
            self.prompt: list[int] = stored["prompt"].tolist()
            self.tokens: list[int] = stored["tokens"].tolist()
            self.pieces: list[bytes] = stored["pieces"].tolist()
            self.rows: list[Any] = list(stored["rows"])
            self.decode_us = float(stored["decode_us"])


if __name__ == "__main__":
    main()
