"""Vectors of sentences, as the program's engine computes them; kept in a file between runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.program import running
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from tools.train_intents.network import Floats

ENCODERS = {"use-multilingual": 512, "all-minilm-l6-v2": 384}
# What they know, if it is a single language.
LANGUAGE_OF = {"all-minilm-l6-v2": "en"}
_BATCH = 32


def vectors_of(texts: Sequence[str], kept: Path) -> dict[str, Floats]:
    """Return the vectors of each encoder, a row for each text.

    Args:
        texts: The sentences.
        kept: Where vectors are that were computed before; new ones are added.
    """
    known: dict[str, dict[str, Floats]] = {model: {} for model in ENCODERS}
    if kept.exists():
        with np.load(kept) as file:
            for model in ENCODERS:
                known[model] = dict(zip(file["texts"].tolist(), file[model], strict=True))
    missing = sorted({text for text in texts if text not in known["use-multilingual"]})
    if missing:
        with running() as server:
            computed = asyncio.run(_encode(missing, str(server.data_dir / "run" / "engine.sock")))
        for model, rows in computed.items():
            known[model] |= dict(zip(missing, rows, strict=True))
        every = list(known["use-multilingual"])
        rows_of = {model: np.stack([known[model][t] for t in every]) for model in ENCODERS}
        np.savez(kept, texts=np.array(every), **rows_of)  # type: ignore[arg-type]
    return {model: np.stack([known[model][t] for t in texts]) for model in ENCODERS}


async def _encode(texts: Sequence[str], socket: str) -> dict[str, Floats]:
    engine = EngineClient(socket)
    try:
        return {
            model: np.concatenate(
                [
                    np.array(await encoder.encode(texts[start : start + _BATCH]), np.float32)
                    for start in range(0, len(texts), _BATCH)
                ]
            )
            for model, encoder in (
                (model, Encoder(engine, model, size)) for model, size in ENCODERS.items()
            )
        }
    finally:
        await engine.close()
