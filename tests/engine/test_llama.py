from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama import Context, DecodeAborted, DecodeFailed, Entry, Model

PROMPT = list(range(1000, 1200))


def logits(context: Context, seq: int, start: int, tokens: list[int]) -> np.ndarray:
    (row,) = context.decode([Entry(seq, start, tokens, True)])
    return row.copy()


def test_reused_prefix_gives_the_logits_of_a_cold_run(context: Context) -> None:
    cold = logits(context, 0, 0, PROMPT)
    logits(context, 0, 200, [7, 8, 9])
    assert context.truncate(0, 150)
    warm = logits(context, 0, 150, PROMPT[150:])
    # Other batch sizes add in another order; the tolerance is a thousandth of the spread.
    assert np.abs(warm - cold).max() < 1e-3 * np.ptp(cold) + 1e-2
    assert warm.argmax() == cold.argmax()


def test_sequences_do_not_see_each_other(context: Context) -> None:
    alone = logits(context, 0, 0, PROMPT[:50])
    context.truncate(0, 0)
    both = [Entry(0, 0, PROMPT[:50], True), Entry(1, 0, PROMPT[50:120], True)]
    together = context.decode(both)
    assert len(together) == 2
    assert together[0].argmax() == alone.argmax()
    assert np.abs(together[0] - alone).max() < 1e-3 * np.ptp(alone) + 1e-2


def test_abort_stops_it_and_leaves_the_context_usable(context: Context) -> None:
    expected = logits(context, 0, 0, PROMPT)
    context.truncate(0, 0)

    def abort() -> None:
        time.sleep(0.02)  # in the middle, on most machines; before the beginning it works too
        context.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    with pytest.raises(DecodeAborted):
        context.decode([Entry(0, 0, PROMPT, True)])
    thread.join()
    context.clear_abort()
    assert context.truncate(0, 0)
    assert logits(context, 0, 0, PROMPT).argmax() == expected.argmax()


def test_an_impossible_batch_is_an_error(context: Context) -> None:
    logits(context, 0, 0, PROMPT[:10])
    with pytest.raises(DecodeFailed):
        context.decode([Entry(0, 3, [1], True)])


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        Model(tmp_path / "absent.gguf")


@pytest.mark.parametrize("keep", [0, 4, 5000, 1_000_000])
def test_damaged_file(models_dir: Path, tmp_path: Path, keep: int) -> None:
    damaged = tmp_path / "model.gguf"
    whole = models_dir / "smollm2-135m-instruct" / "model.gguf"
    with whole.open("rb") as source:
        damaged.write_bytes(source.read(keep))
    with pytest.raises(ModelError, match="cannot load"):
        Model(damaged)
