"""The tuner's process with the real model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice, PinnedSettings
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.workload import PARTS
from tests.engine.support import MODEL

START = EngineChoice(settings=ComputeSettings(threads=1, batch_threads=1), wait_policy="passive")
SMALL = '{"context": 64, "read": 32, "steps": 2, "short": 16}'


def run(model_file: Path, *extra: str) -> subprocess.CompletedProcess[bytes]:
    start = msgspec.json.encode(START).decode()
    argv = [sys.executable, "-m", "pisovereign.engine.tuning", f"--model-file={model_file}"]
    return subprocess.run(
        [*argv, f"--start={start}", *extra], capture_output=True, timeout=120, check=False
    )


def test_one_document_with_every_trial(models_dir: Path) -> None:
    model_file = models_dir / MODEL / "model.gguf"
    done = run(model_file, f"--workload={SMALL}", "--sequences=2", "--goal-s=1")
    assert done.returncode == 0, done.stderr
    report = msgspec.json.decode(done.stdout, type=Report)
    assert report.complete
    assert report.cost is not None
    assert report.model_bytes == model_file.stat().st_size
    layout = next(stage for stage in report.stages if stage.name == "layout")
    assert len(layout.trials) == 3
    for trial in layout.trials:
        assert not trial.failure
        assert set(trial.samples) == set(PARTS)
        assert all(seconds > 0 for values in trial.samples.values() for seconds in values)
        assert len(trial.others) == trial.rounds > 0
    buffers = next(stage for stage in report.stages if stage.name == "buffers")
    assert not any(trial.failure for trial in buffers.trials)


def test_wishes_are_not_searched(models_dir: Path) -> None:
    wishes = PinnedSettings(threads=1, flash_attention=True, kv_type="q8_0", kv_unified=False)
    done = run(
        models_dir / MODEL / "model.gguf",
        f"--workload={SMALL}",
        "--sequences=2",
        f"--wishes={msgspec.json.encode(wishes).decode()}",
    )
    report = msgspec.json.decode(done.stdout, type=Report)
    assert [stage.name for stage in report.stages] == ["final"]
    assert len(report.stages[0].trials) == 1
    assert report.choice.settings == wishes.apply(START.settings)


def test_it_keeps_to_its_time_and_says_so(models_dir: Path) -> None:
    done = run(models_dir / MODEL / "model.gguf", "--goal-s=1", "--limit-s=0.1")
    report = msgspec.json.decode(done.stdout, type=Report)
    assert not report.complete
    assert report.cost is None
    assert report.choice == START
    assert report.doubts


def test_a_model_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "absent.gguf")
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1
    assert b"absent.gguf" in done.stderr


@pytest.mark.parametrize("bad", ["--start={}", "--wishes=[1]", "--workload=x"])
def test_arguments_that_make_no_sense(tmp_path: Path, bad: str) -> None:
    done = run(tmp_path / "m.gguf", bad)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_both_ways_of_waiting_take_turns_in_one_race(models_dir: Path) -> None:
    model_file = models_dir / MODEL / "model.gguf"
    wishes = PinnedSettings(threads=2, flash_attention=False, kv_unified=False)
    done = run(
        model_file,
        f"--workload={SMALL}",
        "--sequences=2",
        f"--wishes={msgspec.json.encode(wishes).decode()}",
        "--stages",
        "threads",
    )
    (stage,) = msgspec.json.decode(done.stdout, type=Report).stages
    assert [trial.choice.wait_policy for trial in stage.trials] == ["passive", "active"]
    assert all(trial.samples.keys() == set(PARTS) for trial in stage.trials)
