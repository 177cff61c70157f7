"""Every part of a step's budget can be gone through."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from bench.recorded_answer import RecordedAnswer
from bench.step_parts import OF_STEP, STEP, all_parts


def recorded(path: Path) -> RecordedAnswer:
    tokens = list(range(10, 18))
    rows = np.full((len(tokens), 100), -20.0, np.float32)
    rows[np.arange(len(tokens)), tokens] = 20.0
    pieces = [f" word{token}".encode() for token in tokens]
    np.savez(
        path,
        rows=rows,
        tokens=np.array(tokens),
        prompt=np.array([1, 2, 3]),
        pieces=np.array(pieces, dtype=object),
        decode_us=np.array(8000.0),
    )
    return RecordedAnswer(path)


def test_every_part_goes_through_a_whole_answer(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        parts = all_parts(recorded(tmp_path / "answer.npz"), runner.run)
        for part in parts.values():
            part()
    assert {*OF_STEP, STEP} <= parts.keys()
