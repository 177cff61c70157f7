"""Measuring with models of other architectures, whose sequences cannot all be cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.llama import Model
from pisovereign.engine.tuning.measure import Benchmark
from pisovereign.engine.tuning.workload import PARTS, Workload
from tests.support.tiny_models import TINY, write_tiny

SIZE = Workload(96, 32, 2)


@pytest.mark.parametrize("name", TINY)
def test_every_part_is_measured(tmp_path: Path, name: str) -> None:
    model = Model(write_tiny(tmp_path / "model.gguf", name))
    meter = Benchmark(model, sequences=2)
    try:
        settings = ComputeSettings(threads=1, batch_threads=1, batch=64, micro_batch=64)
        speed = meter.probe(settings)
        assert min(speed.token, speed.one, speed.all) > 0
        for parts in (PARTS, ("reading",), PARTS):
            timings = meter.measure(SIZE, settings, parts)
            assert timings.keys() >= set(parts)
            assert min(timings.values()) > 0
    finally:
        meter.close()
        model.close()
