"""Weights in a second form: whole or not there, and only where it makes sense."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pisovereign.config import Config, EngineConfig
from pisovereign.supervisor.child import ProgramFailed
from pisovereign.supervisor.engine_command import engine_options
from pisovereign.supervisor.engine_launcher import EngineLauncher
from pisovereign.supervisor.weights import SLOW_FORMATS, ConvertedWeights, _digest

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
    folder = old.path.parent
    folder.mkdir()
    old.path.write_bytes(b"old")
    old.path.with_suffix(".part").write_bytes(b"interrupted")
    longer_name = ConvertedWeights(data_dir, f"{MODEL}-2", "a" * 64, source).path
    longer_name.write_bytes(b"of another model")
    new.make()
    assert set(folder.glob("*.gguf")) == {new.path, longer_name}
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("damage", ["truncated", "altered", "replaced"])
def test_a_file_that_was_damaged_is_made_again(data_dir: Path, source: Path, damage: str) -> None:
    weights = converted(data_dir, source)
    weights.make()
    made = weights.path.read_bytes()
    if damage == "truncated":
        os.truncate(weights.path, len(made) // 2)
    else:
        altered = made[:-1] + bytes([made[-1] ^ 1])
        if damage == "replaced":
            weights.path.unlink()
        weights.path.write_bytes(altered)
    assert not weights.is_whole()
    assert not converted(data_dir, source).is_whole()
    weights.make()
    assert weights.path.read_bytes() == made
    assert converted(data_dir, source).is_whole()


def test_what_is_no_model_leaves_nothing_and_says_why(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"not a model")
    weights = converted(data_dir, source)
    with pytest.raises(ProgramFailed, match="failed to load model"):
        weights.make()
    assert not list(weights.path.parent.iterdir())


def test_a_full_disk_is_told_and_not_left_full(
    data_dir: Path, source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    # What the kernel does to a program that may write 10 MB, as a full disk would, and no more.
    program.write_text(f'#!/bin/sh\nulimit -f 20000\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    weights = converted(data_dir, source)
    with pytest.raises(ProgramFailed):
        weights.make()
    assert not list(weights.path.parent.iterdir())


def test_what_cannot_be_removed_is_told(data_dir: Path, source: Path) -> None:
    weights = converted(data_dir, source)
    weights.path.mkdir(parents=True)
    with pytest.raises(ProgramFailed, match=weights.path.name):
        weights.make()
    weights.drop()


def test_only_formats_without_kernels_are_converted(data_dir: Path, source: Path) -> None:
    weights = converted(data_dir, source)
    assert [kind for kind in range(40) if weights.possible(kind)] == list(SLOW_FORMATS)


def test_without_room_nothing_is_converted(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    with source.open("wb") as file:
        file.truncate(10 << 40)
    assert not converted(data_dir, source).possible(3)


def test_a_launcher_reads_a_whole_file_once(
    data_dir: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read in full for each command line: again after each end of the engine."""
    engine = EngineConfig(tune=False, weights="q8_0")
    options = engine_options(Config(engine=engine))
    launcher = EngineLauncher(
        options,
        models=models_dir,
        data_dir=data_dir,
        state_dir=data_dir,
        socket=data_dir / "engine.sock",
    )
    launcher.settle(MODEL)
    read: list[Path] = []

    def digest(path: Path) -> str:
        read.append(path)
        return _digest(path)

    monkeypatch.setattr("pisovereign.supervisor.weights._digest", digest)
    for _ in range(3):
        assert any("q8_0.gguf" in argument for argument in launcher.argv(MODEL))
    assert len(read) <= 1
