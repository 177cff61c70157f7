from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.errors import ModelError
from pisovereign.engine.gguf_metadata import read_gguf_metadata
from pisovereign.engine.memory import MemoryNeed
from tests.engine.gguf_file import HEADS, KEPT_HEADS, write_hollow
from tests.engine.support import MODEL


def test_a_real_model(models_dir: Path) -> None:
    metadata = read_gguf_metadata(models_dir / MODEL / "model.gguf")
    assert metadata.trained_context == 8192
    # 30 layers with 3 heads of 64 numbers, twice, at two bytes each; 9 heads attend.
    numbers = 30 * 2 * 3 * 64 * 100
    plain = ComputeSettings(threads=1, batch_threads=1, batch=10, micro_batch=10)
    assert metadata.need(100, 4, plain) == MemoryNeed(96_576_768, 9 * 100 * 10 * 4, numbers * 2)
    unified = msgspec.structs.replace(plain, kv_unified=True)
    assert metadata.need(100, 4, unified).compute == 4 * 9 * 100 * 10 * 4
    small = msgspec.structs.replace(plain, flash_attention=True, kv_type="q8_0")
    assert metadata.need(100, 4, small) == MemoryNeed(96_576_768, 100 * 10 * 4, numbers * 34 // 32)


def test_a_model_that_no_memory_could_hold(tmp_path: Path) -> None:
    path = tmp_path / "huge.gguf"
    weights = write_hollow(path, layers=40, width=8192, context=4096)
    metadata = read_gguf_metadata(path)
    assert metadata.weights == weights > 30 << 30
    assert (metadata.layers, metadata.heads, metadata.trained_context) == (40, HEADS, 4096)
    assert metadata.kept == 2 * KEPT_HEADS * 8192 // HEADS


def test_heads_of_another_width(tmp_path: Path) -> None:
    write_hollow(tmp_path / "wide.gguf", layers=2, width=256, context=64, head_width=128)
    assert read_gguf_metadata(tmp_path / "wide.gguf").kept == 2 * KEPT_HEADS * 128


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        read_gguf_metadata(tmp_path / "absent.gguf")


@pytest.mark.parametrize("keep", [0, 4, 5000, 1_000_000, 50_000_000])
def test_a_damaged_file(models_dir: Path, tmp_path: Path, keep: int) -> None:
    damaged = tmp_path / "model.gguf"
    with (models_dir / MODEL / "model.gguf").open("rb") as source:
        damaged.write_bytes(source.read(keep))
    with pytest.raises(ModelError, match="cannot load"):
        read_gguf_metadata(damaged)
