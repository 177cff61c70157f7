from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama import Context, Entry
from pisovereign.engine.process import warm_up
from tests.engine.support import EngineProcess


def test_nothing_of_it_stays(context: Context) -> None:
    empty = context.state_size(0)
    (cold,) = context.decode([Entry(1, 0, [5, 6, 7], sample=True)])
    cold = cold.copy()
    context.truncate(1, 0)
    warm_up(context, [])
    assert [context.state_size(seq) for seq in range(context.sequences)] == [empty, empty]
    (warm,) = context.decode([Entry(1, 0, [5, 6, 7], sample=True)])
    assert (warm == cold).all()


def test_a_model_that_cannot_compute(context: Context) -> None:
    context.decode([Entry(0, 0, [5, 6], sample=False)])  # the place of the first token is taken
    with pytest.raises(ModelError, match="cannot compute"):
        warm_up(context, [])


def test_the_figures_begin_with_the_first_request(models_dir: Path) -> None:
    engine = EngineProcess(models_dir)
    try:
        health = engine.get("/health")
        figures = ("prompt_tokens", "cached_tokens", "completion_tokens", "batch_occupancy")
        assert [health[name] for name in (*figures, "active", "cache_entries")] == [0] * 6
    finally:
        engine.stop()
