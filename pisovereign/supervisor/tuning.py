"""Running the engine's tuner once, before the engine starts."""

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
from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice, WaitPolicy
from pisovereign.engine.machine import this_board, this_build
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import StageName
from pisovereign.engine.tuning.workload import Workload
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
# Threads that look around take the core from others for a moment, so that has to be worth it.
_ACTIVE_MARGIN = 0.10
# A second copy of the weights takes room on the card and more of the memory.
_WEIGHTS_MARGIN = 0.05


class TuningFailed(Exception):
    """There is no result; the text says why."""


class Pass(msgspec.Struct, frozen=True):
    """One process of the tuner.

    Attributes:
        wait_policy: how threads wait.
        stages: what it searches.
        goal_s: time it should take, in seconds, if the board is fast enough.
        limit_s: time after which no measurement begins.
        workload: size of a sample, for results that are to be compared; None: as time allows.
    """

    wait_policy: WaitPolicy
    stages: Sequence[StageName]
    goal_s: float
    limit_s: float
    workload: Workload | None = None


_EVERYTHING: Sequence[StageName] = get_args(StageName)
# A whole search, then a look at the other way of waiting: together within 30 s on a fast board, and
# within three minutes on any.
_GOAL_S, _LIMIT_S = 17.0, 130.0
_SECOND_GOAL_S, _SECOND_LIMIT_S = 7.0, 35.0
# A measurement that has begun in time may end late.
_GRACE_S = 15.0


class Tuner:
    """Tunes the configured model for this board.

    Args:
        config: the configuration.
        data_dir: where results are kept.
        store: the models.

    Raises:
        StartError: settings exclude each other.
    """

    def __init__(self, config: Config, data_dir: Path, store: ModelStore) -> None:
        model = store.model(config.inference.model)
        engine = config.engine
        self._engine = engine
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
        kept = self.kept()
        if kept is not None:
            return kept.choice
        if self._engine.tune:
            _log.info(
                "finding the fastest settings for %s on this board: once, for about %d seconds, "
                "up to %d on a slow one",
                self.subject.model,
                _GOAL_S + _SECOND_GOAL_S,
                _LIMIT_S + _SECOND_LIMIT_S + _GRACE_S,
            )
            try:
                tuned, _ = self.tune_and_keep()
            except (TuningFailed, StartError) as error:
                _log.warning("settings were not tuned, the defaults are used: %s", error)
            else:
                return tuned.choice
        return default_engine_choice(self._engine)

    def kept(self) -> TuningResult | None:
        """Return the result of an earlier run, if there is one."""
        return self._files.load(self.subject)

    def tune_and_keep(self) -> tuple[TuningResult, Path]:
        """Measure now, and keep the result; returns it and its file.

        Raises:
            TuningFailed: there is no result.
            StartError: another process is at it, or the result cannot be kept.
        """
        with self._alone():
            self._files.prepare()
            tuned = self.tune()
            return tuned, self._files.save(tuned)

    def tune(self) -> TuningResult:
        """Measure now.

        Raises:
            TuningFailed: there is no result.
        """
        began = time.monotonic()
        wished = self.subject.wait_policy
        single = self.subject.board.cores == 1 or self.subject.wishes.threads == 1
        policy: WaitPolicy = wished or ("passive" if single else "active")
        default = default_engine_choice(self._engine).settings
        first = self._run(Pass(policy, _EVERYTHING, _GOAL_S, _LIMIT_S), default)
        reports, choice = [first], first.choice
        if wished:
            waiting = f"{wished}: so it is configured"
        elif _is_single(choice.settings):
            choice = EngineChoice(settings=choice.settings, wait_policy="passive")
            waiting = "passive: there is no second thread to wait for"
        else:
            control = Pass(
                "passive", ("threads", "final"), _SECOND_GOAL_S, _SECOND_LIMIT_S, first.workload
            )
            second = self._run(control, choice.settings)
            reports.append(second)
            choice, waiting = better_waiting(first, second)
        # A single thread waits for nobody: then there is no report of passive waiting.
        chosen = next((r for r in reports if r.choice.wait_policy == choice.wait_policy), first)
        choice, weights = self._choose_weights(chosen, choice)
        return TuningResult(
            subject=self.subject,
            choice=choice,
            waiting=waiting,
            weights=weights,
            reports=reports,
            seconds=round(time.monotonic() - began, 1),
        )

    def _choose_weights(self, report: Report, choice: EngineChoice) -> tuple[EngineChoice, str]:
        """Return the form of the weights to go with a choice, and why."""
        wished = self._engine.weights
        if wished != "auto":
            told = f"{wished}: so it is configured"
            return msgspec.structs.replace(choice, weights=wished), told
        if report.cost is None or not self.converted.possible(report.file_type):
            return choice, "file: there is nothing to gain, or no room to try"
        run = Pass(choice.wait_policy, ("final",), _SECOND_GOAL_S, _SECOND_LIMIT_S, report.workload)
        try:
            self.converted.make()
            other = self._run(run, choice.settings, self.converted.path)
            same = self._run(run, choice.settings)
        except (ProgramFailed, TuningFailed) as error:
            self.converted.drop()
            return choice, f"file: the other form could not be measured: {error}"
        better, told = better_weights(same, other)
        if not better:
            self.converted.drop()
            return choice, told
        return msgspec.structs.replace(choice, weights="q8_0"), told

    def _run(self, run: Pass, start: ComputeSettings, file: Path | None = None) -> Report:
        """Run the tuner's process, and end it whatever happens here."""
        subject = self.subject
        argv = [
            sys.executable,
            "-m",
            "pisovereign.engine.tuning",
            f"--model-file={file or self._file}",
            f"--start={_json(start)}",
            f"--wishes={_json(subject.wishes)}",
            f"--wait-policy={run.wait_policy}",
            f"--sequences={subject.sequences}",
            f"--context={subject.context}",
            f"--goal-s={run.goal_s}",
            f"--limit-s={run.limit_s}",
            f"--parent-pid={os.getpid()}",
            *([f"--workload={_json(run.workload)}"] if run.workload else []),
            "--stages",
            *run.stages,
        ]
        try:
            return msgspec.json.decode(run_program(argv, run.limit_s + _GRACE_S), type=Report)
        except ProgramFailed as error:
            raise TuningFailed(str(error)) from None
        except msgspec.MsgspecError as error:
            raise TuningFailed(f"the tuner's result cannot be read: {error}") from None


def better_waiting(active: Report, passive: Report) -> tuple[EngineChoice, str]:
    """Return the better one of two results, and why."""
    if active.cost is None or passive.cost is None:
        return passive.choice, "passive: there was no time to compare"
    gain = 1 - active.cost / passive.cost
    told = (
        f"the mix takes {active.cost:.2f} s with active, {passive.cost:.2f} s with passive waiting"
    )
    if gain >= _ACTIVE_MARGIN:
        return active.choice, f"active: {told}"
    return passive.choice, f"passive: {told}, and active has to save {_ACTIVE_MARGIN:.0%}"


def better_weights(file: Report, q8_0: Report) -> tuple[bool, str]:
    """Return whether the converted weights are worth their room, and why."""
    if file.cost is None or q8_0.cost is None:
        return False, "file: there was no time to compare"
    told = (
        f"the mix takes {q8_0.cost:.2f} s with weights as q8_0, {file.cost:.2f} s with the file's"
    )
    if q8_0.cost <= file.cost * (1 - _WEIGHTS_MARGIN):
        return True, f"q8_0: {told}"
    return False, f"file: {told}, and q8_0 has to save {_WEIGHTS_MARGIN:.0%}"


def _is_single(settings: ComputeSettings) -> bool:
    return settings.threads == settings.batch_threads == 1


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
