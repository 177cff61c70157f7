"""Tuning in the program: once, never a reason not to start, and ended like everything else."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pisovereign.config import Config, EngineConfig
from pisovereign.errors import StartError
from pisovereign.models.store import ModelStore
from pisovereign.process.instance_lock import only_holder
from pisovereign.supervisor.engine_settings import default_engine_choice
from pisovereign.supervisor.tuning import Tuner
from pisovereign.supervisor.tuning_results import DAY_S, TuningResult, TuningResults, how_sure
from tests.support.patience import PATIENCE_S
from tests.support.server import TWO_USERS, Server, command_line, wait_until

# Little is left to find, so that it takes seconds.
NEARLY_DECIDED = {
    "PISOVEREIGN_ENGINE__TUNE": "true",
    "PISOVEREIGN_ENGINE__TUNE_AFTER_S": "0",
    "PISOVEREIGN_ENGINE__THREADS": "1",
    "PISOVEREIGN_ENGINE__FLASH_ATTENTION": "on",
    "PISOVEREIGN_ENGINE__KV_TYPE": "q8_0",
    "PISOVEREIGN_ENGINE__KV_UNIFIED": "off",
    "PISOVEREIGN_ENGINE__BATCH": "128",
    "PISOVEREIGN_ENGINE__WEIGHTS": "q8_0",
}


@contextmanager
def own(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.remove()


def engine_arguments(server: Server) -> list[str]:
    line = server.descendants()[server.child("pisovereign.engine.main")]
    # Of one start: numbers of processes and of open files.
    its_own = ("--parent-pid", "--report-fd")
    return [word for word in line.split() if not word.startswith(its_own)]


def test_a_first_start_that_waits_tunes_once_and_the_engine_gets_the_result(
    models_dir: Path, data_dir: Path
) -> None:
    with own(Server(data_dir, models_dir, TWO_USERS, **NEARLY_DECIDED)) as server:
        server.start()
        assert server.log().count("finding the fastest settings") == 1
        (kept,) = (data_dir / "tuning").iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600
        arguments = engine_arguments(server)
        assert {"--threads=1", "--batch-threads=1", "--kv-type=q8_0"} <= set(arguments)
        assert {"--flash-attention=on", "--batch=128", "--wait-policy=passive"} <= set(arguments)
        (weights,) = (data_dir / "weights").glob("*.gguf")
        assert f"--model-file={weights}" in arguments
        assert weights.stat().st_mode & 0o777 == 0o600
        assert server.chat("Hello").status_code == 200
        server.stop()
        server.start()
        assert server.log().count("finding the fastest settings") == 1
        assert engine_arguments(server) == arguments


def test_damaged_weights_never_keep_the_engine_from_starting(
    models_dir: Path, data_dir: Path
) -> None:
    server = Server(data_dir, models_dir, TWO_USERS, PISOVEREIGN_ENGINE__WEIGHTS="q8_0")
    with own(server):
        server.start()
        (weights,) = (data_dir / "weights").glob("*.gguf")
        size = weights.stat().st_size
        # While it runs: what the engine has mapped stays, what a next one would map is broken.
        weights.rename(weights.with_suffix(".old"))
        weights.write_bytes(b"GGUF")
        os.kill(server.child("pisovereign.engine.main"), signal.SIGKILL)
        wait_until(lambda: server.chat("Hello").status_code == 200, PATIENCE_S, "the engine")
        assert f"--model-file={models_dir}/smollm2-135m-instruct/model.gguf" in engine_arguments(
            server
        )
        assert "damaged or gone" in server.log()
        server.stop()
        server.start()
        assert f"--model-file={weights}" in engine_arguments(server)
        assert weights.stat().st_size == size
        assert server.chat("Hello").status_code == 200


def test_ctrl_c_ends_tuning(models_dir: Path, data_dir: Path) -> None:
    server = Server(data_dir, models_dir, TWO_USERS, **NEARLY_DECIDED)
    with own(server):
        server.start(wait=False)

        def measuring() -> bool:
            return any("tuning.background_load" in line for line in server.descendants().values())

        wait_until(measuring, 60, "the tuner")
        assert server.process is not None
        left = server.descendants()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE_S) == 0
        wait_until(
            lambda: not any(command_line(pid) == line != "" for pid, line in left.items()),
            PATIENCE_S,
            "the end of the tuner",
        )
        assert not list(data_dir.glob("tuning/*"))
        assert "Traceback" not in server.log()


class StandIn:
    """Lets a shell script be the tuner's process, within limits that a test can wait for."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._program = folder / "tuner"
        self._patch = monkeypatch

    def run(self, script: str, limit_s: float) -> None:
        self._program.write_text(f"#!/bin/sh\n{script}\n")
        self._program.chmod(0o755)
        self._patch.setattr(sys, "executable", str(self._program))
        self._patch.setattr("pisovereign.supervisor.tuning._LIMIT_S", limit_s)
        self._patch.setattr("pisovereign.supervisor.tuning._GRACE_S", 0.0)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return StandIn(tmp_path, monkeypatch)


@pytest.fixture
def tuner(models_dir: Path, data_dir: Path) -> Tuner:
    return Tuner(Config(), data_dir, ModelStore(models_dir))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'no memory' >&2; exit 3", "no memory"),
        ("kill -9 $$", "ended with -9"),
        ("echo nonsense", "cannot be read"),
        ("echo '{}'", "cannot be read"),
        ("exec sleep 3600", "did not end within"),
    ],
)
def test_a_tuner_that_fails_is_one_warning_and_the_defaults(
    tuner: Tuner, stand_in: StandIn, caplog: pytest.LogCaptureFixture, script: str, said: str
) -> None:
    stand_in.run(script, limit_s=0.5 if "sleep" in script else PATIENCE_S)
    assert tuner.choose() == default_engine_choice(EngineConfig())
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 1
    assert said in warnings[0]
    assert tuner.kept() is None


def test_where_nothing_can_be_kept_nothing_is_measured(
    tuner: Tuner, stand_in: StandIn, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (data_dir / "tuning").write_text("in the way")
    stand_in.run(f"touch {data_dir}/measured", limit_s=PATIENCE_S)
    assert tuner.choose() == default_engine_choice(EngineConfig())
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert str(data_dir / "tuning") in warnings[-1]
    assert not (data_dir / "measured").exists()


def test_two_never_measure_at_once(
    models_dir: Path, data_dir: Path, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    engine = EngineConfig(weights="q8_0")
    tuner = Tuner(Config(engine=engine), data_dir, ModelStore(models_dir))
    stand_in.run(f"touch {data_dir}/measured", limit_s=PATIENCE_S)
    with only_holder(data_dir / "tune.lock", "somebody else"):
        with pytest.raises(StartError, match=f"tuned already .process {os.getpid()}"):
            tuner.tune_and_keep()
        # A start does without.
        assert tuner.choose().weights == "file"
    assert not (data_dir / "measured").exists()
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert ["tuned already" in text for text in warnings] == [True, True]


def result(tuner: Tuner, *doubts: str, age_s: float = 0.0) -> TuningResult:
    return TuningResult(
        subject=tuner.subject,
        choice=default_engine_choice(EngineConfig()),
        weights="file",
        reports=[],
        doubts=list(doubts),
        measured_at=time.time() - age_s,
        seconds=1.0,
    )


@pytest.mark.parametrize(
    ("doubts", "age_s", "counts"),
    [
        ((), 100 * DAY_S, True),
        (("others computed",), DAY_S - 60, True),
        (("others computed",), DAY_S + 60, False),
        # Nobody knows how old it is.
        (("others computed",), -3600.0, False),
    ],
)
def test_a_doubtful_result_counts_for_a_day(
    tuner: Tuner, data_dir: Path, doubts: tuple[str, ...], age_s: float, counts: bool
) -> None:
    tuned = result(tuner, *doubts, age_s=age_s)
    TuningResults(data_dir).save(tuned)
    assert (tuner.kept() == tuned) == counts
    assert (tuner.kept() is None) != counts


def test_it_says_whether_it_is_sure_and_when_it_is_measured_again(tuner: Tuner) -> None:
    assert "sure" in " ".join(how_sure(result(tuner)))
    told = " ".join(how_sure(result(tuner, "others took 0.9 processors")))
    assert "others took 0.9 processors" in told
    assert "doubtful" in told
    assert "measured again after" in told


def test_a_result_with_fields_of_another_version_is_used(tuner: Tuner, data_dir: Path) -> None:
    tuned = result(tuner)
    files = TuningResults(data_dir)
    path = files.save(tuned)
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"from": "a later version"}))
    assert files.load(tuner.subject) == tuned
    kept["choice"]["settings"]["threads"] = 0
    path.write_text(json.dumps(kept))
    assert files.load(tuner.subject) is None


def test_switched_off_it_measures_nothing(models_dir: Path, data_dir: Path) -> None:
    engine = EngineConfig(tune=False, threads=3, kv_type="q8_0", omp_wait_policy="active")
    choice = Tuner(Config(engine=engine), data_dir, ModelStore(models_dir)).choose()
    assert choice == default_engine_choice(engine)
    assert (choice.settings.threads, choice.settings.kv_type) == (3, "q8_0")
    assert choice.settings.flash_attention
    assert choice.wait_policy == "active"
    assert not (data_dir / "tuning").exists()


def test_settings_that_exclude_each_other_refuse_the_start(
    models_dir: Path, data_dir: Path
) -> None:
    engine = EngineConfig(kv_type="q8_0", flash_attention="off")
    with pytest.raises(StartError, match=r"engine\.kv_type and engine\.flash_attention"):
        Tuner(Config(engine=engine), data_dir, ModelStore(models_dir))


def test_the_defaults_leave_a_core_free() -> None:
    choice = default_engine_choice(EngineConfig())
    assert choice.wait_policy == "passive"
    assert choice.settings.threads == choice.settings.batch_threads


def test_weights_that_cannot_be_converted_are_one_warning(
    models_dir: Path, data_dir: Path, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    engine = EngineConfig(tune=False, weights="q8_0")
    tuner = Tuner(Config(engine=engine), data_dir, ModelStore(models_dir))
    stand_in.run("echo 'no room' >&2; exit 1", limit_s=PATIENCE_S)
    choice = tuner.choose()
    assert choice.weights == "file"
    assert tuner.model_file(choice) == models_dir / "smollm2-135m-instruct" / "model.gguf"
    assert [r.getMessage() for r in caplog.records] == ["the model's own weights are used: no room"]
