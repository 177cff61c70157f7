"""Running the engine's tuner, and what the engine is to start with."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import get_args

import msgspec

from pisovereign.config import Config
from pisovereign.engine.compute_settings import EngineChoice, WaitPolicy, Weights
from pisovereign.engine.machine import this_board, this_build
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import StageName
from pisovereign.engine.tuning.trials import WEIGHTS_MARGIN
from pisovereign.engine.tuning.workload import Workload, cost
from pisovereign.errors import StartError
from pisovereign.models.store import ModelStore
from pisovereign.process.instance_lock import only_holder
from pisovereign.supervisor.child import ProgramFailed, run_program
from pisovereign.supervisor.engine_settings import (
    default_engine_choice,
    pinned_settings,
    pinned_wait_policy,
)
from pisovereign.supervisor.tuning_results import Subject, TuningResult, TuningResults
from pisovereign.supervisor.weights import ConvertedWeights

_log = logging.getLogger(__name__)

# More sequences and longer contexts than these change nothing in the choice.
_MOST_SEQUENCES, _MOST_CONTEXT = 8, 1024


class TuningFailed(Exception):
    """There is no result; the text says why."""


class Pass(msgspec.Struct, frozen=True):
    """One process of the tuner.

    Attributes:
        stages: what it searches.
        goal_s: time it should take, in seconds, if the board is fast enough and quiet.
        limit_s: time after which no measurement begins.
        patience_s: of it, to wait for a quiet machine and repeat what was disturbed.
        workload: size of a sample; None: as time allows.
        converted: whether the converted weights take part.
    """

    stages: Sequence[StageName]
    goal_s: float
    limit_s: float
    patience_s: float = 0.0
    workload: Workload | None = None
    converted: bool = False


_SETTINGS: Sequence[StageName] = tuple(n for n in get_args(StageName) if n != "weights")
# On a fast board that is quiet the goal is kept; on a slow or busy one it takes as long as the
# limit allows, which is shorter where somebody waits for the first start.
_GOAL_S, _LIMIT_S = 45.0, 600.0
_WEIGHTS_GOAL_S, _WEIGHTS_LIMIT_S = 10.0, 120.0
_PATIENCE_S = 240.0
_WAITED_FOR, ASKED_FOR = 0.25, 0.5
# A measurement that has begun in time may end late.
_GRACE_S = 30.0


class Tuner:
    """Tunes the configured model for this board.

    Args:
        config: the configuration.
        data_dir: where results are kept.
        store: the models.
        niceness: of the processes that measure.

    Raises:
        StartError: settings exclude each other.
    """

    def __init__(
        self, config: Config, data_dir: Path, store: ModelStore, *, niceness: int = 0
    ) -> None:
        model = store.model(config.inference.model)
        engine = config.engine
        self._engine = engine
        self._niceness = niceness
        self._file = store.home(model) / "model.gguf"
        self._data_dir = data_dir
        self._files = TuningResults(data_dir)
        sha256 = model.file(self._file.name).checksum
        self.converted = ConvertedWeights(data_dir, model.id, sha256, self._file)
        length = engine.context_length or model.context_length
        self.subject = Subject(
            model=model.id,
            sha256=sha256,
            board=this_board(),
            build=this_build(),
            sequences=min(engine.answers_at_once, _MOST_SEQUENCES),
            context=min(length, _MOST_CONTEXT),
            wishes=pinned_settings(engine),
            wait_policy=pinned_wait_policy(engine),
            weights=engine.weights,
        )

    def choose(self) -> EngineChoice:
        """Return what the engine is to start with: kept, else measured now, else the defaults."""
        return self._with_weights(self._choose())

    def choose_at_once(self) -> EngineChoice:
        """Return what the engine is to start with: kept, else the defaults."""
        return self._with_weights(self.kept_or_default())

    def kept_or_default(self) -> EngineChoice:
        """Return the kept choice, else the defaults; whether its weights can be had is not seen."""
        kept = self.kept()
        return kept.choice if kept else default_engine_choice(self._engine)

    def _with_weights(self, choice: EngineChoice) -> EngineChoice:
        """Return the choice, if the weights it wants can be had, else one with the file's."""
        if choice.weights == "q8_0":
            try:
                with self._alone():
                    self.converted.make()
            except (ProgramFailed, StartError) as error:
                _log.warning("the model's own weights are used: %s", error)
                return msgspec.structs.replace(choice, weights="file")
        return choice

    def available(self, choice: EngineChoice) -> EngineChoice:
        """Return the choice, with the file's weights if the converted ones are gone or damaged."""
        if choice.weights == "file" or self.converted.is_whole():
            return choice
        _log.warning(
            "%s is damaged or gone: the model's own weights are used until the next start",
            self.converted.path,
        )
        return msgspec.structs.replace(choice, weights="file")

    def _alone(self) -> AbstractContextManager[None]:
        return only_holder(self._data_dir / "tune.lock", "the engine is being tuned already")

    def model_file(self, choice: EngineChoice) -> Path:
        """Return the file that goes with a choice."""
        return self.converted.path if choice.weights == "q8_0" else self._file

    def _choose(self) -> EngineChoice:
        # Nobody waits again for what may be measured no better.
        kept = self._files.load(self.subject)
        if kept is not None:
            return kept.choice
        if self._engine.tune:
            longest = _WAITED_FOR * (_LIMIT_S + _WEIGHTS_LIMIT_S) + 2 * _GRACE_S
            _log.info(
                "finding the fastest settings for %s on this board: once, for about %d seconds, "
                "up to %d on a slow one",
                self.subject.model,
                _GOAL_S,
                longest,
            )
            try:
                tuned, _ = self.tune_and_keep(_WAITED_FOR)
            except (TuningFailed, StartError) as error:
                _log.warning("settings were not tuned, the defaults are used: %s", error)
            else:
                return tuned.choice
        return default_engine_choice(self._engine)

    def kept(self) -> TuningResult | None:
        """Return the result of an earlier run, if there is one that still counts."""
        kept = self._files.load(self.subject)
        if kept is not None and self._engine.tunes_while_idle and kept.is_over(time.time()):
            return None
        return kept

    def forget(self) -> None:
        """Keep the result no longer."""
        self._files.remove(self.subject)

    def tune_and_keep(self, share: float = 1.0) -> tuple[TuningResult, Path]:
        """Measure now, and keep the result; returns it and its file.

        Args:
            share: of the time it may take.

        Raises:
            TuningFailed: there is no result.
            StartError: another process is at it, or the result cannot be kept.
        """
        with self._alone():
            self._files.prepare()
            tuned = self.tune(share)
            for doubt in tuned.doubts:
                _log.warning("the choice of the engine's settings counts for a day: %s", doubt)
            return tuned, self._files.save(tuned)

    def tune(self, share: float = 1.0) -> TuningResult:
        """Measure now.

        Args:
            share: of the time it may take.

        Raises:
            TuningFailed: there is no result.
        """
        began = time.monotonic()
        default = default_engine_choice(self._engine)
        start = msgspec.structs.replace(default, weights="file")
        patience_s = share * share * _PATIENCE_S
        report = self._run(Pass(_SETTINGS, _GOAL_S, share * _LIMIT_S, patience_s), start)
        reports, choice = [report], report.choice
        compared, why = self._compare_weights(report, share)
        if compared:
            reports.append(compared)
            choice = compared.choice
        elif self._engine.weights != "auto":
            choice = msgspec.structs.replace(choice, weights=self._engine.weights)
        return TuningResult(
            subject=self.subject,
            choice=choice,
            weights=why,
            reports=reports,
            doubts=list(dict.fromkeys(doubt for each in reports for doubt in each.doubts)),
            measured_at=time.time(),
            seconds=round(time.monotonic() - began, 1),
        )

    def _compare_weights(self, report: Report, share: float) -> tuple[Report | None, str]:
        """Measure both forms of the weights with a choice; returns that, and what was chosen."""
        wished = self._engine.weights
        if wished != "auto":
            return None, f"{wished}: so it is configured"
        if report.cost is None or not self.converted.possible(report.file_type):
            return None, "file: there is nothing to gain, or no room to try"
        run = Pass(
            ("weights",),
            _WEIGHTS_GOAL_S,
            share * _WEIGHTS_LIMIT_S,
            share * share * _WEIGHTS_LIMIT_S / 2,
            report.workload,
            converted=True,
        )
        try:
            self.converted.make()
            compared = self._run(run, report.choice)
        except (ProgramFailed, TuningFailed) as error:
            self.converted.drop()
            return None, f"file: the other form could not be measured: {error}"
        if compared.choice.weights == "file":
            self.converted.drop()
        return compared, f"{compared.choice.weights}: {_gained(compared)}"

    def _run(self, run: Pass, start: EngineChoice) -> Report:
        """Run the tuner's process, and end it whatever happens here."""
        subject = self.subject
        wished = subject.wait_policy
        argv = [
            sys.executable,
            "-m",
            "pisovereign.engine.tuning",
            f"--model-file={self._file}",
            *([f"--converted={self.converted.path}"] if run.converted else []),
            f"--start={_json(start)}",
            f"--wishes={_json(subject.wishes)}",
            f"--sequences={subject.sequences}",
            f"--context={subject.context}",
            f"--goal-s={run.goal_s}",
            f"--limit-s={run.limit_s}",
            f"--patience-s={run.patience_s}",
            f"--niceness={self._niceness}",
            f"--parent-pid={os.getpid()}",
            *([f"--workload={_json(run.workload)}"] if run.workload else []),
            "--wait-policies",
            *([wished] if wished else get_args(WaitPolicy)),
            "--stages",
            *run.stages,
        ]
        try:
            return msgspec.json.decode(run_program(argv, run.limit_s + _GRACE_S), type=Report)
        except ProgramFailed as error:
            raise TuningFailed(str(error)) from None
        except msgspec.MsgspecError as error:
            raise TuningFailed(f"the tuner's result cannot be read: {error}") from None


def _gained(report: Report) -> str:
    """Say what a comparison of weights found."""
    costs = {
        trial.choice.weights: cost(trial.timings)
        for stage in report.stages
        for trial in stage.trials
        if trial.rounds
    }
    if len(costs) < len(get_args(Weights)):
        return "there was no time to compare"
    told = f"the mix takes {costs['q8_0']:.2f} s with q8_0, {costs['file']:.2f} s with the file's"
    if report.choice.weights == "file":
        told += f", and q8_0 has to save {WEIGHTS_MARGIN:.0%}"
    return told


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
