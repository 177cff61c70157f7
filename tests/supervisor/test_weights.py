"""Weights in a second form: whole or not there, and only where it makes sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.supervisor.tool import ToolFailed
from pisovereign.supervisor.weights import SLOW_FORMATS, ConvertedWeights

MODEL = "smollm2-135m-instruct"


def converted(data_dir: Path, source: Path, sha256: str = "a" * 64) -> ConvertedWeights:
    return ConvertedWeights(data_dir, MODEL, sha256, source)


@pytest.fixture
def source(models_dir: Path) -> Path:
    return models_dir / MODEL / "model.gguf"


def test_the_real_model_is_converted_once(data_dir: Path, source: Path) -> None:
    weights = converted(data_dir, source)
    weights.make()
    assert weights.path.read_bytes()[:4] == b"GGUF"
    assert weights.path.stat().st_size > source.stat().st_size
    assert weights.path.stat().st_mode & 0o777 == 0o600
    made = weights.path.stat()
    weights.make()
    assert weights.path.stat() == made
    weights.drop()
    weights.drop()
    assert not weights.path.exists()


def test_a_new_version_of_the_model_takes_the_place_of_the_old(
    data_dir: Path, source: Path
) -> None:
    old, new = converted(data_dir, source), converted(data_dir, source, "b" * 64)
    old.path.parent.mkdir()
    old.path.write_bytes(b"old")
    old.path.with_suffix(".part").write_bytes(b"interrupted")
    new.make()
    assert list(old.path.parent.iterdir()) == [new.path]


def test_what_is_no_model_leaves_nothing_and_says_why(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"not a model")
    weights = converted(data_dir, source)
    with pytest.raises(ToolFailed, match="failed to load model"):
        weights.make()
    assert not weights.path.exists()


def test_only_formats_without_kernels_are_converted(data_dir: Path, source: Path) -> None:
    weights = converted(data_dir, source)
    assert [kind for kind in range(40) if weights.possible(kind)] == list(SLOW_FORMATS)


def test_without_room_nothing_is_converted(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    with source.open("wb") as file:
        file.truncate(10 << 40)
    assert not converted(data_dir, source).possible(3)
