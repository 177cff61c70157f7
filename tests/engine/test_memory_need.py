"""What llama.cpp tells about the memory of a model, before it takes any."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.errors import ModelError
from pisovereign.engine.memory import MIB, MemoryNeed
from pisovereign.engine.memory_need import memory_probe
from tests.engine.gguf_file import write_hollow
from tests.engine.support import MODEL
from tests.support.tiny_models import TINY, write_tiny

PLAIN = ComputeSettings(threads=1, batch_threads=1)
SMALL = msgspec.structs.replace(PLAIN, flash_attention=True, kv_type="q8_0")


def need(path: Path, length: int, sequences: int, settings: ComputeSettings = PLAIN) -> MemoryNeed:
    with memory_probe(path) as probe:
        return probe.need(length, sequences, settings)


def test_a_real_model(models_dir: Path) -> None:
    path = models_dir / MODEL / "model.gguf"
    with memory_probe(path) as probe:
        assert probe.trained_context == 8192
        plain, small = (probe.need(2048, 4, settings) for settings in (PLAIN, SMALL))
    # 30 layers with 3 heads of 64 numbers, twice, at two bytes each.
    numbers = 30 * 2 * 3 * 64 * 2048
    assert (plain.weights, plain.sequence) == (96_576_768, numbers * 2)
    assert small.sequence == pytest.approx(numbers * 34 / 32, rel=0.001)
    assert 1 * MIB < small.compute < plain.compute < 64 * MIB


@pytest.mark.parametrize("name", TINY)
def test_every_architecture(name: str, tmp_path: Path) -> None:
    short, long = (need(write_tiny(tmp_path / "m.gguf", name), n, 2) for n in (512, 4096))
    assert short.weights == long.weights > 0
    assert short.sequence > 0
    assert short.compute > 0
    if name in ("llama", "qwen2"):
        assert long.sequence == pytest.approx(8 * short.sequence, rel=0.1)
    elif name in ("gemma3", "gemma4"):
        assert long.sequence < 7 * short.sequence, "windows do not grow with a conversation"
    else:
        plain = need(write_tiny(tmp_path / "plain.gguf", "llama"), 4096, 2)
        assert long.sequence < plain.sequence / 2, "few layers keep what they saw"


def test_a_model_that_no_memory_could_hold(tmp_path: Path) -> None:
    path = tmp_path / "huge.gguf"
    weights = write_hollow(path, layers=40, width=8192, context=4096)
    found = need(path, 4096, 1)
    assert found.weights == weights > 30 << 30
    assert found.sequence == 40 * 2 * 2 * 1024 * 4096 * 2


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        need(tmp_path / "absent.gguf", 1024, 1)


@pytest.mark.parametrize("keep", [0, 4, 5000, 1_000_000, 50_000_000])
def test_a_damaged_file(models_dir: Path, tmp_path: Path, keep: int) -> None:
    damaged = tmp_path / "model.gguf"
    with (models_dir / MODEL / "model.gguf").open("rb") as source:
        damaged.write_bytes(source.read(keep))
    with pytest.raises(ModelError, match="cannot load"):
        need(damaged, 1024, 1)
